package site

import (
	"path"
	"slices"

	"era/catalogue"
	"era/chapters"
)

// Programs returns the servers of a page's experiments in their order, then the same servers in other languages, then
// the servers of the next chapter: what its reader may want to run soon. After the first page comes the first chapter.
func (s *Site) Programs(page string) (all []catalogue.Variant) {
	e, err := s.edition()
	if err != nil {
		return nil // the page says what is wrong
	}
	page = path.Base(page) // a translation has the experiments of its original
	next := -1
	if page == "index.html" && e.book.Landing != nil {
		all, next = inAllLanguages(programs(e.book.Landing)), 0
	}
	for i, c := range e.book.Chapters {
		if c.Slug+".html" == page {
			all, next = inAllLanguages(programs(c)), i+1
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

// inAllLanguages adds the languages in which the servers exist as well.
func inAllLanguages(all []catalogue.Variant) []catalogue.Variant {
	own := len(all)
	for _, v := range all[:own] {
		for _, l := range v.Server.Languages {
			if l != v.Language {
				all = append(all, catalogue.Variant{Server: v.Server, Language: l})
			}
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
