package browser

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
)

//go:embed audit.js
var audit string

// pages returns the addresses of the first page, every chapter, all translations, and one page of each other
// kind.
func pages(t *testing.T) []string {
	t.Helper()
	all := []string{"index.html", "source/select/main.go.html", "lab/one-slow.html", "report.html", "vi/contents.html"}
	return slices.Concat(all, chapterPages(t), translated(t))
}

// chapterPages returns the addresses of the chapters.
func chapterPages(t *testing.T) (all []string) {
	t.Helper()
	chapters, err := filepath.Glob(filepath.Join(root, "content", "*", "index.md"))
	if err != nil || len(chapters) == 0 {
		t.Fatalf("no chapters found: %v", err)
	}
	for _, c := range chapters {
		all = append(all, filepath.Base(filepath.Dir(c))+".html")
	}
	return all
}

// TestPages looks at every page at three widths and in both themes, with every bench open. A page is loaded in one
// theme, which takes turns, and changed to the other, as a reader's system does at dusk.
func TestPages(t *testing.T) {
	b := open(t)
	host := serve(t)
	b.enter(host.address + host.key) // with the right to run, so that all controls exist
	for turn, width := range []int64{390, 1280, 1920} {
		for n, page := range pages(t) {
			themes := []string{"light", "dark"}
			if (turn+n)%2 == 1 {
				slices.Reverse(themes)
			}
			where := fmt.Sprintf("%s, %d px, loaded in %s", page, width, themes[0])
			// axe-core takes seconds: a page has one of its eight states looked at, with -axe all of them.
			axe := func(turn int, coloursOnly bool) {
				if *allAxe && width < 1920 || n%8 == turn {
					b.axe(where, coloursOnly)
				}
			}
			b.window(width, 900, "prefers-color-scheme="+themes[0])
			b.visit(host.address + page)
			b.openBenches()
			b.audit(where)
			axe(4*turn, false)
			where += ", shown in " + themes[1]
			b.window(width, 900, "prefers-color-scheme="+themes[1])
			b.audit(where)
			axe(4*turn+1, *allAxe)
			b.revealAll()
			where += ", with results"
			b.audit(where)
			axe(4*turn+2, false)
			where += ", shown in " + themes[0] + " again"
			b.window(width, 900, "prefers-color-scheme="+themes[0])
			b.audit(where)
			axe(4*turn+3, *allAxe)
			if width == 1280 {
				b.checkTree(where)
			}
			b.clean(where)
		}
	}
}

// openBenches activates every bench of the page and waits until it shows its run.
func (b *tab) openBenches() {
	b.t.Helper()
	js[bool](b, `(async () => {
		for (const lab of document.querySelectorAll('section.lab[data-lab]')) {
			lab.scrollIntoView()
			await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
		}
		scrollTo(0, 0)
		return true
	})()`)
	b.until(`[...document.querySelectorAll('section.lab[data-lab]')].every(lab => lab.dataset.state || lab.querySelector('.lab-empty'))`)
}

func (b *tab) audit(where string) {
	b.t.Helper()
	for _, wrong := range js[[]string](b, audit) {
		b.t.Errorf("%s: %s", where, wrong)
	}
}

// revealAll skips the guesses, opens the tables of events and chooses a mark, so that everything can be checked.
func (b *tab) revealAll() {
	b.t.Helper()
	js[bool](b, `(() => {
		for (const lab of document.querySelectorAll('section.lab[data-lab]')) {
			const guess = lab.querySelector('.lab-guess')
			if (guess && !guess.hidden) guess.querySelector('button[type=button]').click()
		}
		return true
	})()`)
	b.until(`[...document.querySelectorAll('section.lab[data-lab]')].every(lab => lab.querySelector('.lab-events'))`)
	js[bool](b, `(() => { for (const events of document.querySelectorAll('section.lab .lab-events')) events.open = true; return true })()`)
	b.until(`[...document.querySelectorAll('section.lab[data-lab]')].every(lab => lab.querySelector('.lab-events tbody tr'))`)
	js[bool](b, `(() => { for (const row of document.querySelectorAll('section.lab .lab-events tbody tr:nth-child(5)')) row.querySelector('button').click(); return true })()`)
	b.until(`[...document.querySelectorAll('section.lab[data-lab]')].every(lab => !lab.querySelector('.lab-detail').hidden)`)
}

// checkTree reads the browser's accessibility tree: every control must have a name.
func (b *tab) checkTree(where string) {
	b.t.Helper()
	named := []string{"button", "link", "textbox", "combobox", "spinbutton", "slider", "checkbox", "radio", "tab",
		"tabpanel",
		"image", "img", "Canvas", "region", "heading", "application", "navigation", "switch", "listbox"}
	for _, n := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
		role := text(n.Role)
		if n.Ignored || !slices.Contains(named, role) || text(n.Name) != "" {
			continue
		}
		b.t.Errorf("%s: a %s without a name (node %d)", where, role, n.BackendDOMNodeID)
	}
}

// text returns a value of the accessibility tree if it is a string, else "".
func text(v *accessibility.Value) (s string) {
	if v != nil {
		json.Unmarshal(v.Value, &s)
	}
	return s
}
