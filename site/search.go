package site

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"era/catalogue"
	"era/chapters"
	"era/lab/scenario"
)

// The search runs in the page. It needs an index, which says in which units a word stands, and the text of a chapter,
// for the sentence around a hit. Both are scripts, because a page that was opened from disk may load only scripts.

// searched is a chapter, or the first page, with what can be found in it.
type searched struct {
	chapter *chapters.Chapter
	units   []unit
}

// page returns the name of the chapter's page without its extension.
func (s searched) page() string {
	if s.chapter.Slug == "" {
		return "index"
	}
	return s.chapter.Slug
}

// addSearch lists the index, the texts, and the page that takes the place of both without scripts.
func (e *edition) addSearch(files []string) {
	e.add("search/book.index.js", func() ([]byte, error) { return e.indexScript(files) })
	for _, c := range e.searchable() {
		e.add("search/"+searched{chapter: c}.page()+".js", func() ([]byte, error) { return e.textScript(c) })
	}
	e.add(findPage, func() ([]byte, error) { return e.findPage(files) })
}

// searchable returns the chapters and the first page, which comes last. Those with mistakes have no page of their own.
func (e *edition) searchable() []*chapters.Chapter {
	all := slices.Clone(e.book.Chapters)
	if e.book.Landing != nil {
		all = append(all, e.book.Landing)
	}
	return slices.DeleteFunc(all, func(c *chapters.Chapter) bool { return len(e.problems.In(c.File)) > 0 })
}

// readBook returns all that can be found, in the order of the book.
func (e *edition) readBook() ([]searched, error) {
	var book []searched
	for _, c := range e.searchable() {
		v := e.view(searched{chapter: c}.page()+".html", c.Front.Title, c)
		v.brief = true
		markup, err := render(blocks(v))
		if err != nil {
			return nil, err
		}
		units := readUnits(c.Front.Title, c.Front.Summary, string(markup))
		for _, name := range []string{c.Slug, c.Front.Kicker} {
			if name != "" {
				units[0].aliases = append(units[0].aliases, name)
			}
		}
		for i := range units {
			addScenarios(&units[i])
		}
		book = append(book, searched{c, append(units, v.servers()...)})
	}
	return book, nil
}

// addScenarios makes an experiment known by the titles of its scenario too.
func addScenarios(u *unit) {
	for _, name := range slices.Clone(u.aliases) {
		if s, err := scenario.Find(name); err == nil && s.Title != u.title {
			u.aliases = append(u.aliases, s.Title)
		}
	}
}

// servers returns those that the chapter explains: each leads to the first walk through its code, or to its source.
func (v *view) servers() (all []unit) {
	for _, s := range catalogue.Servers() {
		if s.Chapter != v.chapter.Slug || len(s.Languages) == 0 {
			continue
		}
		file := s.Source(s.Languages[0])
		u := unit{kind: serverUnit, title: s.Title, aliases: []string{s.ID}, anchor: sourcePage(file)}
		for _, walk := range v.walksOf(file) {
			if walk.Slug == v.chapter.Slug {
				u.anchor = walk.ID
				break
			}
		}
		u.blocks = []block{{anchor: u.anchor, text: s.Summary}}
		all = append(all, u)
	}
	return all
}

// index is what the search knows before it is asked. Names of units are part of it; texts are loaded for hits only.
type index struct {
	Quiet string         `json:"quiet"` // words that are not in the index
	Pages []indexPage    `json:"pages"`
	Words string         `json:"words"` // in order: a capital letter says how much of the word before is repeated
	Hits  string         `json:"hits"`  // for each word the units that have it
	Code  []declarations `json:"code"`
}

// indexPage is a page with its units: the kind and the anchor of each, its title, and its other names.
type indexPage struct {
	Page   string     `json:"page"`
	Number string     `json:"number"`
	Title  string     `json:"title"`
	Units  [][]string `json:"units"`
}

// quiet are words that stand everywhere.
const quiet = "a about all also an and any are as at be because been before but by can could did do does each for from " +
	"had has have how if in into is it its just more most no not now of on one only or other our out over same so some " +
	"such than that the their them then there these they this those to too two up us very was we were what when where " +
	"which while will with would you your"

// indexScript passes the index to the search.
func (e *edition) indexScript(files []string) ([]byte, error) {
	book, err := e.find()
	if err != nil {
		return nil, err
	}
	code, err := e.declarations(files)
	if err != nil {
		return nil, err
	}
	i := index{Quiet: quiet, Code: code}
	hits := map[string][]int{} // by word: twice the number of the unit, and one more where the word is frequent
	n := 0
	for _, s := range book {
		p := indexPage{Page: s.page(), Number: number(s.chapter), Title: s.chapter.Front.Title}
		for _, u := range s.units {
			p.Units = append(p.Units, append([]string{string(u.kind) + u.anchor, u.title}, u.aliases...))
			if !u.kind.hasText() {
				continue
			}
			for word, count := range u.words() {
				hit := 2 * n
				if count > 2 {
					hit++
				}
				hits[word] = append(hits[word], hit)
			}
			n++
		}
		i.Pages = append(i.Pages, p)
	}
	i.Words, i.Hits = packWords(hits)
	return searchScript("book.index", i)
}

// textScript passes the text of a chapter to the search: for each unit that has some, the blocks with their anchors.
func (e *edition) textScript(c *chapters.Chapter) ([]byte, error) {
	book, err := e.find()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(book, func(s searched) bool { return s.chapter == c })
	texts := [][][2]string{}
	for _, u := range book[at].units {
		if !u.kind.hasText() {
			continue
		}
		unit := [][2]string{}
		for _, b := range u.blocks {
			unit = append(unit, [2]string{b.anchor, b.text})
		}
		texts = append(texts, unit)
	}
	return searchScript(book[at].page(), texts)
}

// searchScript hands data over by an event: a page has no global names for it.
func searchScript(name string, what any) ([]byte, error) {
	data, err := json.Marshal([]any{name, what})
	if err != nil {
		return nil, fmt.Errorf("search/%s.js: %w", name, err)
	}
	return fmt.Appendf(nil, "dispatchEvent(new CustomEvent(\"era:search\",{detail:%s}))\n", data), nil
}

// words returns how often each word of the index stands in the unit's text. Numbers of listings and transcripts, such
// as sizes and ports, are not looked for.
func (u unit) words() map[string]int {
	counts := map[string]int{}
	for _, b := range u.blocks {
		for _, word := range append(wordsIn(b.text), compoundsIn(b.text)...) {
			if len(word) < 2 || quietWords[word] || b.code && unicode.IsDigit(rune(word[0])) {
				continue
			}
			counts[word]++
		}
	}
	return counts
}

var quietWords = func() map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(quiet) {
		all[word] = true
	}
	return all
}()

// folded is a text in small letters and without accents, as readers type it who look for something. The search in the
// page does the same (web/search/words.js).
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'đ' || r == 'Đ': // has no form without its stroke
			return 'd'
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
}

// wordsIn returns the words of a text as the index has them. A name with dots is several.
func wordsIn(text string) []string {
	return strings.FieldsFunc(folded(text), func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
}

var compound = regexp.MustCompile(`\pL+(?:-\pL+)+`)

// compoundsIn returns the words of a text that have hyphens, without them: non-blocking is found as nonblocking too.
func compoundsIn(text string) (all []string) {
	for _, word := range compound.FindAllString(folded(text), -1) {
		all = append(all, strings.ReplaceAll(word, "-", ""))
	}
	return all
}

// packWords packs the index so that it compresses well: words as their differences to the ones before, and the units of
// each as differences in Base64 VLQ without signs. No difference is 0, which ends a word's units.
func packWords(hits map[string][]int) (words, units string) {
	var w, u strings.Builder
	before := ""
	for _, word := range slices.Sorted(maps.Keys(hits)) {
		shared := 0
		for shared < min(len(before), len(word), 'Z'-'A') && before[shared] == word[shared] && word[shared] < utf8.RuneSelf {
			shared++
		}
		w.WriteByte('A' + byte(shared))
		w.WriteString(word[shared:])
		before = word
		last := -1
		for _, hit := range hits[word] {
			writeNumber(&u, 2*(hit/2-last)+hit%2)
			last = hit / 2
		}
		writeNumber(&u, 0)
	}
	return w.String(), u.String()
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// writeNumber writes five bits with each digit, the lowest first. Digits of the upper half go on.
func writeNumber(b *strings.Builder, n int) {
	for ; n >= 32; n >>= 5 {
		b.WriteByte(digits[32+n%32])
	}
	b.WriteByte(digits[n])
}
