package site

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"go.yaml.in/yaml/v3"

	"era/chapters"
)

// tongue is what content/words.LANGUAGE.yaml holds: the words of the interface in a language.
type tongue struct {
	Name    string            `yaml:"name"`    // of the language, in itself
	Pages   map[string]string `yaml:"pages"`   // the sentences of templates, by the English ones
	Scripts map[string]string `yaml:"scripts"` // those of scripts, the same way
}

// tongues reads the words of all languages into which pages are translated.
func (e *edition) tongues() (map[string]tongue, error) {
	all := map[string]tongue{}
	var wrong []error
	for _, t := range e.book.Translations {
		file := "content/words." + t.Language + ".yaml"
		data, err := fs.ReadFile(e.root, file)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s is translated, and needs the words of the interface: %w", t.Pages[0].File, err))
			continue
		}
		var words tongue
		decoder := yaml.NewDecoder(bytes.NewReader(data))
		decoder.KnownFields(true)
		if err := decoder.Decode(&words); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", file, err))
		}
		all[t.Language] = words
	}
	return all, errors.Join(wrong...)
}

// pageOf returns the name of a page of the book: in the language, if it is translated, and else the original's.
func (e *edition) pageOf(language, slug string) string {
	name := cmp.Or(slug, "index") + ".html"
	if t := e.book.In(language); t != nil && t.Page(slug) != nil {
		return language + "/" + name
	}
	return name
}

// to is the address of a page of the book, in the page's language if it is translated.
func (v *view) to(slug string) string { return v.up + v.e.pageOf(v.language, slug) }

// own returns a chapter in the page's language, if it is translated.
func (v *view) own(c *chapters.Chapter) *chapters.Chapter {
	if t := v.e.book.In(v.language); t != nil && c != nil {
		return cmp.Or(t.Page(c.Slug), c)
	}
	return c
}

// titled is the title of a chapter, which may be in another language than the page.
func (v *view) titled(c *chapters.Chapter, words string) templ.Component {
	words = templ.EscapeString(words)
	here, there := v.lang(), cmp.Or(c.Language, "en")
	if v.foreign {
		here = "en"
	}
	if here != there {
		words = `<span lang="` + there + `">` + words + `</span>`
	}
	return raw(words, nil)
}

// say returns a sentence of the interface in the language of the page, with the parts that stand in it as %1, %2 and
// so on. The English sentence is the key of the others. A block that is not translated has English words as well.
func (v *view) say(sentence string, parts ...string) string {
	pairs := make([]string, 0, 2*len(parts))
	for i, part := range parts {
		pairs = append(pairs, "%"+strconv.Itoa(i+1), part)
	}
	return strings.NewReplacer(pairs...).Replace(cmp.Or(v.words[sentence], sentence))
}

var placeOfPart = regexp.MustCompile(`%[1-9]`)

// saying is say with parts that have markup.
func (v *view) saying(sentence string, parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		words, from := cmp.Or(v.words[sentence], sentence), 0
		for _, at := range placeOfPart.FindAllStringIndex(words, -1) {
			n := int(words[at[0]+1] - '1')
			if n >= len(parts) {
				return fmt.Errorf("%q has no part %d", words, n+1)
			}
			if _, err := io.WriteString(w, templ.EscapeString(words[from:at[0]])); err != nil {
				return err
			}
			if err := parts[n].Render(ctx, w); err != nil {
				return err
			}
			from = at[1]
		}
		_, err := io.WriteString(w, templ.EscapeString(words[from:]))
		return err
	})
}

// inCode is a command within a sentence.
func inCode(command string) templ.Component {
	return raw("<code>"+templ.EscapeString(command)+"</code>", nil)
}

// linkTo is a link within a sentence.
func linkTo(to, words string) templ.Component {
	return raw(`<a href="`+templ.EscapeString(to)+`">`+templ.EscapeString(words)+`</a>`, nil)
}

// scriptWords are the sentences of scripts, as JSON; "" on an English page, whose scripts have them themselves.
func (v *view) scriptWords() (string, error) {
	if v.language == "" {
		return "", nil
	}
	data, err := json.Marshal(v.e.words[v.language].Scripts)
	return string(data), err
}

// lang is the language of the page.
func (v *view) lang() string { return cmp.Or(v.language, "en") }

// english tells that something within the page is in English, if the page is not: what the lab says of a run.
func (v *view) english() templ.Attributes {
	if v.language == "" {
		return nil
	}
	return templ.Attributes{"lang": "en"}
}

// unless is english, if a sentence that is not the interface's own is not translated.
func (v *view) unless(sentence string) templ.Attributes {
	if v.words[sentence] != "" {
		return nil
	}
	return v.english()
}

// mine tells the language of a block that is not in that of the page.
func (v *view) mine() templ.Attributes {
	if !v.foreign {
		return nil
	}
	return templ.Attributes{"lang": "en"}
}

// theirs tells the language of the page, for what stands within an element that is in English.
func (v *view) theirs() templ.Attributes {
	if v.language == "" || v.foreign {
		return nil
	}
	return templ.Attributes{"lang": v.language}
}

// block returns the view of a block of the page: one that is not translated has English words.
func (v *view) block(i int) *view {
	if i >= len(v.chapter.Standings) || !v.chapter.Standings[i].Original {
		return v
	}
	return v.inEnglish()
}

// inEnglish is the view of a part of the page that is not in its language.
func (v *view) inEnglish() *view {
	w := *v
	w.words, w.foreign = nil, true
	return &w
}

// prose is text of the page itself. What is not translated says so piece by piece, since style sheets know the pieces.
func (v *view) prose(t chapters.Text) templ.Component {
	if v.foreign {
		for n := t.Node.FirstChild(); n != nil; n = n.NextSibling() {
			n.SetAttributeString("lang", []byte("en"))
		}
	}
	return v.text(t)
}

// changedSince reports whether the original of a block is another than it was when that was translated.
func (v *view) changedSince(i int) bool {
	return i < len(v.chapter.Standings) && v.chapter.Standings[i].Changed
}

// alternative is a page in a language.
type alternative struct {
	Language, Name, Page string // "vi", "Tiếng Việt", "vi/blocking.html"
}

// nameIn returns the name of the page in a language, "" if it is not translated into it.
func (v *view) nameIn(language string) string {
	switch {
	case v.isContents():
		return contentsIn(language)
	case v.chapter != nil && (language == "" || v.e.book.In(language).Page(v.chapter.Slug) != nil):
		return v.e.pageOf(language, v.chapter.Slug)
	}
	return ""
}

// alternatives are the languages that a page of the book can be read in, its own among them; nil if there is only one.
func (v *view) alternatives() []alternative {
	all := []alternative{{"en", "English", v.nameIn("")}}
	for _, t := range v.e.book.Translations {
		if page := v.nameIn(t.Language); page != "" {
			all = append(all, alternative{t.Language, v.e.words[t.Language].Name, page})
		}
	}
	if len(all) == 1 {
		return nil
	}
	return all
}

// choices are the other languages of the book: this page in them, or their first page where this one is not translated.
func (v *view) choices() []alternative {
	var all []alternative
	if v.language != "" {
		all = append(all, alternative{"en", "English", v.nameIn("")})
	}
	for _, t := range v.e.book.Translations {
		page := v.nameIn(t.Language)
		if page == "" && t.Page("") != nil {
			page = v.e.pageOf(t.Language, "")
		}
		if t.Language != v.language && page != "" {
			all = append(all, alternative{t.Language, v.e.words[t.Language].Name, page})
		}
	}
	return all
}

// original returns the original of a translated page.
func (e *edition) original(c *chapters.Chapter) *chapters.Chapter {
	if c.Slug == "" {
		return e.book.Landing
	}
	return e.book.Chapter(c.Slug)
}

// sectionOf is the anchor of the last heading up to a block, "" before the first one.
func (v *view) sectionOf(i int) (anchor string) {
	for _, b := range v.chapter.Blocks[:i+1] {
		prose, is := b.(chapters.Prose)
		if !is {
			continue
		}
		for n := prose.Node.FirstChild(); n != nil; n = n.NextSibling() {
			if id, is := n.AttributeString("id"); is {
				anchor = fmt.Sprintf("#%s", id)
			}
		}
	}
	return anchor
}

// addressOf is the address of a page for machines, which want it whole where it is known.
func (v *view) addressOf(page string) string {
	if v.e.options.Base != "" {
		return v.e.whole(page)
	}
	return v.up + page
}

// blockAt is a block of the page, after a mark if its original has changed.
func (v *view) blockAt(i int) templ.Component {
	shown := blockOf(v.block(i), v.chapter.Blocks[i])
	if !v.changedSince(i) {
		return shown
	}
	return templ.Join(changed(v, v.sectionOf(i)), shown)
}
