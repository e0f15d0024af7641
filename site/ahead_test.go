package site

import (
	"os"
	"slices"
	"testing"

	"era/catalogue"
)

// A page wants the servers of its first experiment first, the same in other languages after all of its own, and those
// of the next chapter last. What is not a page of the book wants nothing.
func TestPrograms(t *testing.T) {
	s := New(os.DirFS(".."), Options{})
	e, err := s.edition()
	if err != nil {
		t.Fatal(err)
	}
	own, next := inAllLanguages(programs(e.book.Chapters[1])), programs(e.book.Chapters[2])
	all := s.Programs(e.book.Chapters[1].Slug + ".html")
	first := programs(e.book.Chapters[1])[0]
	if len(own) == 0 || len(next) == 0 || len(all) != len(own)+len(next) || all[0].String() != first.String() ||
		all[len(own)].String() != next[0].String() {
		t.Errorf("the second chapter wants %v; its own are %v, the next one's %v", all, own, next)
	}
	python := catalogue.Variant{Server: own[0].Server, Language: catalogue.Python}
	if !slices.ContainsFunc(own, func(v catalogue.Variant) bool { return v.String() == python.String() }) {
		t.Errorf("it does not want %s: %v", python, own)
	}
	if all := s.Programs("index.html"); len(all) < len(programs(e.book.Chapters[0])) {
		t.Errorf("the first page wants %v", all)
	}
	last := e.book.Chapters[len(e.book.Chapters)-1]
	if all := s.Programs(last.Slug + ".html"); len(all) != len(inAllLanguages(programs(last))) {
		t.Errorf("the last chapter wants %v", all)
	}
	if all := binaries(); len(all) != 3 {
		t.Errorf("the matrix has the programs %v, want three", all)
	}
	for _, page := range []string{"", "404.html", "../../etc/passwd", "blocking"} {
		if all := s.Programs(page); len(all) != 0 {
			t.Errorf("%q wants %v", page, all)
		}
	}
}
