package site

import (
	"slices"

	"era/catalogue"
	"era/chapters"
)

// Programs returns the servers of a page's experiments in their order, then those of the next chapter's: what its
// reader may want to run soon. For the first page they are the first chapter's.
func (s *Site) Programs(page string) (all []catalogue.Variant) {
	e, err := s.edition()
	if err != nil {
		return nil // the page says what is wrong
	}
	next := -1
	if page == "index.html" && e.book.Landing != nil {
		all, next = programs(e.book.Landing), 0
	}
	for i, c := range e.book.Chapters {
		if c.Slug+".html" == page {
			all, next = programs(c), i+1
		}
	}
	if next >= 0 && next < len(e.book.Chapters) {
		all = append(all, programs(e.book.Chapters[next])...)
	}
	return all
}

func programs(c *chapters.Chapter) (all []catalogue.Variant) {
	for _, block := range c.Blocks {
		switch block := block.(type) {
		case *chapters.Lab:
			if e, wrong := Resolve(block); wrong == nil {
				all = append(all, e.Servers...)
			}
		case *chapters.Matrix:
			all = append(all, binaries()...)
		}
	}
	return all
}

// binaries returns one program of the matrix for each that has to be compiled: it is several servers.
func binaries() (all []catalogue.Variant) {
	compiled := map[string]bool{}
	for _, grid := range catalogue.Matrix() {
		for _, v := range slices.Concat(grid.Programs...) {
			if v.Language == catalogue.Go && !compiled[v.Server.Dir()] {
				compiled[v.Server.Dir()] = true
				all = append(all, v)
			}
		}
	}
	return all
}
