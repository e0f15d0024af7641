package site

import (
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
	for _, lab := range c.Labs() {
		e, wrong := Resolve(lab)
		if wrong == nil {
			all = append(all, e.Servers...)
		}
	}
	return all
}
