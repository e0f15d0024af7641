package site

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// findPage is the index as a printed book has one, for readers without scripts: its words in the order of letters.
const findPage = "find.html"

// indexLetter holds the entries that begin with it.
type indexLetter struct {
	ID, Name string
	Entries  []*indexEntry
}

// indexEntry is a term, a name, or a word of code, with the chapters that have it.
type indexEntry struct {
	Name   string
	Code   bool
	Places []indexPlace
}

// indexPlace is the first place in a chapter.
type indexPlace struct{ Label, To string }

var (
	codeName   = regexp.MustCompile(`^_*[A-Za-z]\w+(\.\w+)*$`)
	dottedName = regexp.MustCompile(`\b[a-z]\w*\.[A-Za-z]\w+`)
)

func (e *edition) findPage(files []string) ([]byte, error) {
	letters, err := e.bookIndex(files)
	if err != nil {
		return nil, err
	}
	v := e.view(findPage, "Index", nil)
	v.description = "The terms of the book, its servers and experiments, and the names in its code, in the order of letters."
	return render(findPageOf(v, letters))
}

// bookIndex returns the terms, entries, servers and experiments of the book, what its text sets as code, and the names
// of the kit that its listings show.
func (e *edition) bookIndex(files []string) ([]*indexLetter, error) {
	book, err := e.find()
	if err != nil {
		return nil, err
	}
	ofKit, err := e.declarations(files)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, file := range ofKit {
		for name := range strings.FieldsSeq(file.Names) {
			known[name] = true
		}
	}
	var all []*indexEntry
	byName := map[string]*indexEntry{}
	for _, s := range book {
		if s.chapter.Slug == "" {
			continue // it says nothing that a chapter does not say
		}
		label := cmp.Or(s.chapter.Front.Kicker, number(s.chapter))
		add := func(name string, code bool, anchor string) {
			entry := byName[name]
			if entry == nil {
				entry = &indexEntry{Name: name, Code: code}
				byName[name] = entry
				all = append(all, entry)
			}
			if n := len(entry.Places); n == 0 || entry.Places[n-1].Label != label {
				entry.Places = append(entry.Places, indexPlace{label, s.address(anchor)})
			}
		}
		for _, u := range s.units {
			switch u.kind {
			case termUnit, entryUnit, serverUnit, labUnit:
				add(u.title, false, u.anchor)
			}
			for _, symbol := range u.symbols {
				if name := strings.TrimSuffix(symbol, "()"); codeName.MatchString(name) {
					add(name, true, u.anchor)
				}
			}
			for _, b := range u.blocks {
				if !b.code {
					continue
				}
				for _, name := range dottedName.FindAllString(b.text, -1) {
					if known[name] {
						add(name, true, b.anchor)
					}
				}
			}
		}
	}
	return byLetter(all), nil
}

// address returns where an anchor of the chapter is. A server without a walk leads to the page of its source.
func (s searched) address(anchor string) string {
	if anchor == "" || strings.HasSuffix(anchor, ".html") {
		return cmp.Or(anchor, s.page()+".html")
	}
	return s.page() + ".html#" + anchor
}

var article = regexp.MustCompile(`^(?:an?|the) `)

// byLetter puts entries in order. Accents, capital letters, articles and underscores before a name make no difference.
func byLetter(all []*indexEntry) (letters []*indexLetter) {
	key := func(entry *indexEntry) string {
		name := article.ReplaceAllString(strings.TrimLeft(folded(entry.Name), "_"), "")
		if name == "" || name[0] < 'a' || name[0] > 'z' {
			return "0" + name
		}
		return name
	}
	slices.SortStableFunc(all, func(a, b *indexEntry) int {
		return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a.Name, b.Name))
	})
	for _, entry := range all {
		first := key(entry)[:1]
		if n := len(letters); n == 0 || letters[n-1].ID != "letter-"+first {
			name := strings.Replace(strings.ToUpper(first), "0", "0–9", 1)
			letters = append(letters, &indexLetter{ID: "letter-" + first, Name: name})
		}
		last := letters[len(letters)-1]
		last.Entries = append(last.Entries, entry)
	}
	return letters
}
