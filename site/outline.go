package site

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"

	"github.com/a-h/templ"

	"era/chapters"
)

// outlinePart is a part of the book as the contents have it: chapters from the one that begins it up to the next part.
type outlinePart struct {
	Title    string           `json:"title"` // "" before the first part
	Chapters []outlineChapter `json:"chapters"`
}

// outlineChapter is a chapter, with the places that a reader may want to go to.
type outlineChapter struct {
	ID      string `json:"id"`               // the slug
	Page    string `json:"page,omitempty"`   // "" if it is ID.html
	Lang    string `json:"lang,omitempty"`   // "en" for a chapter that is not in the language of the outline
	Number  string `json:"number,omitempty"` // "" for a page outside the count, as the glossary
	Title   string `json:"title"`
	Year    int    `json:"year,omitempty"`
	Minutes int    `json:"minutes,omitempty"`

	Sections    []outlinePlace `json:"sections,omitempty"`
	Experiments []outlinePlace `json:"experiments,omitempty"`
	Questions   []outlinePlace `json:"questions,omitempty"`
}

// outlinePlace is an anchor of a chapter's page.
type outlinePlace struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Level int    `json:"level,omitempty"` // of a section: 2, or 3 for one within a section
}

// outline returns the whole book, in a language as far as it is translated: its parts, their chapters, and what these
// hold.
func (e *edition) outline(language string) []outlinePart {
	v := &view{e: e, language: language, words: e.words[language].Pages}
	var parts []outlinePart
	for _, c := range e.book.Chapters {
		if len(parts) == 0 || c.Front.Part != "" {
			parts = append(parts, outlinePart{Title: v.say(c.Front.Part)})
		}
		last, own := &parts[len(parts)-1], v.own(c)
		entry := outlineOf(own)
		if own != c {
			entry.Page = e.pageOf(language, c.Slug)
			for i, s := range entry.Sections {
				if s.ID == knowID {
					entry.Sections[i].Title = v.say("What you now know")
				}
			}
		} else if language != "" {
			entry.Lang = "en"
		}
		last.Chapters = append(last.Chapters, entry)
	}
	return parts
}

// outlineOf returns a chapter's entry. A page outside the count has no sections there: the glossary's are letters.
func outlineOf(c *chapters.Chapter) outlineChapter {
	entry := outlineChapter{ID: c.Slug, Title: c.Front.Title, Year: c.Front.Year, Minutes: c.Front.Minutes}
	if c.Front.Kicker == "" {
		entry.Number = fmt.Sprint(c.Front.Order)
		for _, h := range sections(c) {
			if h.Level <= 3 {
				entry.Sections = append(entry.Sections, outlinePlace{h.ID, h.Text, h.Level})
			}
		}
	}
	entry.Experiments, entry.Questions = toDo(c)
	return entry
}

// sections returns the headings of a chapter. The last section has a heading of the site's.
func sections(c *chapters.Chapter) []chapters.Heading {
	all := c.Headings
	if has[chapters.Know](c) {
		all = append(slices.Clip(all), chapters.Heading{Level: 2, ID: knowID, Text: "What you now know"})
	}
	return all
}

// toDo returns what a chapter gives its readers to do.
func toDo(c *chapters.Chapter) (experiments, questions []outlinePlace) {
	for _, b := range c.Blocks {
		switch b := b.(type) {
		case *chapters.Lab:
			experiments = append(experiments, outlinePlace{ID: "lab-" + b.Name, Title: b.Title})
		case chapters.Quiz:
			questions = append(questions, outlinePlace{ID: b.ID, Title: b.Title})
		}
	}
	return experiments, questions
}

// outlineScript passes the outline to the contents that a page opens. It is a script, because a page that was opened
// from disk may load only scripts.
func (e *edition) outlineScript(language string) ([]byte, error) {
	data, err := json.Marshal(e.outline(language))
	if err != nil {
		return nil, fmt.Errorf("the outline of the book: %w", err)
	}
	return fmt.Appendf(nil, "dispatchEvent(new CustomEvent(\"era:outline\",{detail:%s}))\n", data), nil
}

// contentsPage is the outline as a page; that of a translation is in the folder of its language.
const contentsPage = "contents.html"

// contentsIn returns the name of the page of contents in a language of the book.
func contentsIn(language string) string { return path.Join(language, contentsPage) }

// isContents reports whether this is the page of contents.
func (v *view) isContents() bool { return v.name == contentsIn(v.language) }

func (e *edition) contentsPage(language string) ([]byte, error) {
	v := e.view(contentsIn(language), "", nil)
	v.language, v.words = language, e.words[language].Pages
	v.title = v.say("Contents")
	v.description = v.say("All parts, chapters and sections of the book, its experiments and its questions.")
	return render(contentsPageOf(v))
}

// of returns the view of a chapter's entry: one that is not in the language of the page has English words.
func (v *view) of(c outlineChapter) *view {
	if c.Lang == "" {
		return v
	}
	return v.inEnglish()
}

// place returns the address of a place in a chapter.
func (v *view) place(c outlineChapter, p outlinePlace) templ.SafeURL {
	address := v.up + cmp.Or(c.Page, c.ID+".html")
	if p.ID != "" {
		address += "#" + p.ID
	}
	return templ.SafeURL(address)
}
