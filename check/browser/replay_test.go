package browser

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestReplay reads the book without serve: from disk, and on a plain host below a path. The recorded runs play, and
// nothing is fetched from elsewhere.
func TestReplay(t *testing.T) {
	for name, address := range map[string]func(*testing.T) string{"from disk": exported, "below a path": hosted} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			base := address(t)
			b.visit(base + "blocking.html")
			b.openBenches()
			b.until(`document.querySelector('.lab-alive .lab-canvas')`)
			if how := js[string](b, `document.querySelector('.lab-how').textContent`); !strings.Contains(how, "go run ./cmd/serve") {
				t.Errorf("the page does not say how to run it: %q", how)
			}
			b.walkThrough()
			for _, url := range b.urls() {
				if !strings.HasPrefix(url, base) && !strings.HasPrefix(url, "data:") {
					t.Errorf("the page asks for %s", url)
				}
			}
			b.clean(name)
		})
	}
}

// walkThrough examines the first bench of the page, by keyboard only: chooses marks, reads their source, zooms, scrubs,
// plays and pauses.
func (b *tab) walkThrough() {
	b.t.Helper()
	b.until(`document.querySelector('section.lab .lab-canvas')`)
	if js[bool](b, `!document.querySelector('section.lab .lab-guess').hidden`) {
		b.press(`section.lab .lab-guess button[type=button]`, kb.Enter) // just show me
	}
	b.until(`document.querySelector('section.lab .lab-verdicts li')`)
	if playing := `section.lab .lab-transport [aria-label=Pause]`; js[bool](b, `!!document.querySelector('`+playing+`')`) {
		b.press(playing, kb.Enter)
	}
	canvas := `section.lab .lab-canvas`
	b.press(canvas, kb.End)
	b.until(`!document.querySelector('section.lab .lab-detail').hidden && document.querySelector('section.lab .lab-sentence').textContent`)
	last := js[string](b, `document.querySelector('section.lab .lab-facts').textContent`)
	b.press(canvas, kb.ArrowDown+kb.Home)
	b.until(`document.querySelector('section.lab .lab-facts').textContent !== ` + quote(last))

	// In the table of events: a mark that was made by a line leads to this line.
	b.press(`section.lab .lab-events summary`, kb.Enter)
	b.until(`document.querySelector('section.lab .lab-events tbody tr')`)
	js[bool](b, `(() => {
		const row = [...document.querySelectorAll('section.lab .lab-events tbody tr')].find(row => row.querySelector('td a'))
		row.querySelector('button').click()
		return true
	})()`)
	b.until(`document.querySelector('section.lab .lab-code .lit')?.textContent.trim()`)
	href := js[string](b, `document.querySelector('section.lab .lab-where a').getAttribute('href')`)
	if !strings.HasPrefix(strings.TrimPrefix(href, "../"), "source/") || !strings.Contains(href, ".html#L") {
		b.t.Errorf("the mark leads to %q, want source/FILE.html#LINE", href)
	}
	b.press(canvas, "s")
	b.until(`document.activeElement === document.querySelector('section.lab .lab-code')`)

	axis := `(() => { const c = document.querySelector('section.lab .lab-axis'); return c.toDataURL() })()`
	before := js[string](b, axis)
	b.press(canvas, "++")
	b.until(axis + ` !== ` + quote(before))
	b.press(canvas, "0")
	b.until(axis + ` === ` + quote(before))

	b.press(`section.lab .lab-scrub`, kb.Home)
	b.until(`document.querySelector('section.lab .lab-scrub').value === '0'`)
	start := js[string](b, `document.querySelector('section.lab .lab-time').textContent`)
	b.press(canvas, " ")
	b.until(`document.querySelector('section.lab .lab-time').textContent !== ` + quote(start))
	// Otherwise it has played to its end.
	if js[bool](b, `!!document.querySelector('section.lab .lab-transport [aria-label=Pause]')`) {
		b.press(canvas, " ")
	}
	b.until(`document.querySelector('section.lab .lab-transport [aria-label=Play]')`)
}

// press focuses an element and presses keys.
func (b *tab) press(selector, keys string) {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS(selector)), chromedp.KeyEvent(keys))
}

func (b *tab) urls() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.requested...)
}

// hasLabs reports whether a page is a chapter with experiments. The glossary and the time line have none.
func hasLabs(t *testing.T, page string) bool {
	source, err := os.ReadFile(filepath.Join(root, "content", strings.TrimSuffix(page, ".html"), "index.md"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Contains(string(source), "\n```lab\n")
}

// TestWithoutScripts reads the book with scripts switched off: text, code, pictures and results are there, the last two
// folded, so that they do not answer the questions above them.
func TestWithoutScripts(t *testing.T) {
	b := open(t)
	base := hosted(t)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	for _, page := range pages(t) {
		b.visit(base + page)
		if open := js[[]string](b, shownOfResults); len(open) > 0 {
			t.Errorf("%s: %q stand beside the question", page, open)
		}
		js[int](b, `[...document.querySelectorAll('details.lab-recorded')].map(d => d.open = true).length`)
		seen := map[string]int{}
		for _, n := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
			if !n.Ignored {
				seen[text(n.Role)]++
			}
		}
		if seen["heading"] == 0 || seen["paragraph"] == 0 {
			t.Errorf("%s: not readable without scripts: %v", page, seen)
		}
		if hasLabs(t, page) && (seen["image"]+seen["img"] == 0 || seen["table"] == 0) {
			t.Errorf("%s: no picture or no table of a recorded run without scripts: %v", page, seen)
		}
		for _, url := range b.urls() {
			if strings.Contains(url, "/recordings/") {
				t.Errorf("%s: asks for %s although no script runs", page, url)
			}
		}
	}
	b.clean("without scripts")
}
