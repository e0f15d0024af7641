package site

import (
	"cmp"
	"errors"
	"net/url"
	"strings"
	"time"
)

const bookTitle = "The Era of Asynchrony"

// reportPage says how to report a mistake.
const reportPage = "report.html"

// Base checks the address at which a built site will lie, and returns it as Options wants it: with a slash at its end.
func Base(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", errors.New("want a whole address, such as https://example.org/book/")
	}
	if u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", errors.New("an address of pages has no user, no query and no fragment")
	}
	return strings.TrimSuffix(u.String(), "/") + "/", nil
}

// whole returns the whole address of a file of the site. The first page is at the address of its folder.
func (s *Site) whole(name string) string {
	return s.options.Base + strings.TrimSuffix(name, "index.html")
}

// canonical reports whether others should know the page at its own address, and not only pass through it.
func (v *view) canonical() bool {
	p := v.e.pages[v.name]
	return v.e.options.Base != "" && p != nil && !p.unlisted
}

// sharedTitle names the page where the name of the book stands beside it.
func (v *view) sharedTitle() string { return cmp.Or(v.title, bookTitle) }

// picture returns the name of the picture that stands for the page where it is shared: one of a run of its chapter, or
// else that of the first page, or "".
func (v *view) picture() string {
	slug := ""
	if v.chapter != nil {
		slug = v.chapter.Slug
	}
	for _, name := range []string{cardPage(slug), cardPage("")} {
		if v.e.pages[name] != nil {
			return name
		}
	}
	return ""
}

// changed returns the day on which the page was last changed, zero if it is not known: that of its chapter or, for a
// page that is made of all chapters, the last of theirs.
func (v *view) changed() (last time.Time) {
	if v.chapter != nil {
		return v.chapter.Changed
	}
	if v.name != clausesPage {
		return last
	}
	for _, c := range v.e.book.Chapters {
		if c.Changed.After(last) {
			last = c.Changed
		}
	}
	return last
}

func (e *edition) reportPage() ([]byte, error) {
	v := e.view(reportPage, "How to report a mistake", nil)
	v.description = "Where to report a mistake in the book, and what to say."
	return render(howToReport(v))
}
