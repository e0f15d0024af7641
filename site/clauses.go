package site

import (
	"slices"
	"strconv"
	"strings"

	"era/chapters"
)

// clausesPage is where the numbers of notes lead.
const clausesPage = "clauses.html"

// clause is a note with a number, and the chapter that it stands in.
type clause struct {
	chapters.Note
	Chapter *chapters.Chapter
	ID      string // on the page of clauses; "" where a note before it has the same number
}

// clauses returns all of the book, in the order of their numbers, and then of the chapters.
func (e *edition) clauses() []clause {
	var all []clause
	for _, c := range e.book.Chapters {
		for _, b := range c.Blocks {
			if n, is := b.(chapters.Note); is && n.Clause != "" {
				all = append(all, clause{Note: n, Chapter: c})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b clause) int { return slices.Compare(order(a.Clause), order(b.Clause)) })
	for i := range all {
		if i == 0 || all[i].Clause != all[i-1].Clause {
			all[i].ID = clauseID(all[i].Clause)
		}
	}
	return all
}

func clauseID(number string) string { return strings.ToLower(strings.ReplaceAll(number, ".", "-")) }

// order is the number as it is sorted: C2.10 comes after C2.9.
func order(number string) []int {
	var all []int
	for part := range strings.SplitSeq(strings.TrimPrefix(number, "C"), ".") {
		n, _ := strconv.Atoi(part) // 0 where it is not a number
		all = append(all, n)
	}
	return all
}

// in returns the view of the page for words of a chapter: their links are relative to its file.
func (v *view) in(c *chapters.Chapter) *view {
	w := *v
	w.chapter = c
	return &w
}

func (e *edition) clausesPage() ([]byte, error) {
	v := e.view(clausesPage, "Clauses", nil)
	v.description = "The numbered facts of the book, each with its source and the chapter that tells it."
	return render(clausesPageOf(v))
}
