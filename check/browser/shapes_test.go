package browser

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"

	"era/site"
)

var shapesChapter = "---\ntitle: Shapes\norder: 1\nyear: 2005\nminutes: 1\nsummary: S.\nlanguages: [go, python]\n---\n\n## One\n\nText.\n\n" +
	"```shapes\ntitle: One handler\nsteps: [{name: Read, say: It waits.}, {name: Ask, say: It waits longer.}, {name: Write, say: It is done.}]\nshapes:\n" +
	titled("One") + titled("Two") + titled("Three") + titled("Four") + titled("Five") + "```\n"

func titled(title string) string { return strings.Replace(shape, "Blocking", title, 1) }

const shape = "  - title: Blocking\n    year: 1983\n    say: The line knows.\n    go: runnable/kit/job/handle.go#Handle\n    python: runnable/kit/python/job.py#handle\n" +
	"    lit: [{go: readRequest(, python: read_request(}, {go: 'ask(', python: 'ask('}, {go: writeAll(, python: sendall(}]\n"

// shapesPage returns the address of a page with five shapes.
func shapesPage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, top := range []string{"static", "runnable"} {
		if err := os.CopyFS(filepath.Join(dir, top), os.DirFS(filepath.Join(root, top))); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"": "---\ntitle: T\n---\n", "shapes": shapesChapter} {
		file := filepath.Join(dir, "content", name, "index.md")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	host := httptest.NewServer(site.New(os.DirFS(dir), site.Options{}).Handler())
	t.Cleanup(host.Close)
	return host.URL + "/shapes.html"
}

// bright counts the lines of each step that stand out, "5 0 0" when the first step's do in all five shapes.
const bright = `[1, 2, 3].map(n => [...document.querySelectorAll('.shape .go .l.s' + n)].filter(l => getComputedStyle(l).opacity === '1').length).join(' ')`

// TestShapes lights a step in all shapes at once, by pointer and by keyboard, and checks the page as TestPages does.
func TestShapes(t *testing.T) {
	b := open(t)
	url := shapesPage(t)
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{390, 800, 1280, 1920} {
			call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
				Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 500,
			})
			call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
			}})
			where := fmt.Sprintf("shapes, %s, %d px", theme, width)
			b.visit(url)
			b.audit(where)
			b.checkTree(where)
			rows := js[int](b, `new Set([...document.querySelectorAll('.shape')].map(s => Math.round(s.getBoundingClientRect().top))).size`)
			if want := map[int64]int{390: 1, 800: 3, 1280: 2, 1920: 1}[width]; rows != want {
				t.Errorf("%s: %d rows of shapes, want %d", where, rows, want)
			}
			if width == 390 { // one shape at a time, and its title leads to it
				b.press(`.shape-titles a:last-child`, kb.Enter)
				b.until(`document.querySelector('.shape-titles [aria-current]') === document.querySelector('.shape-titles a:last-child')`)
			}
			b.clean(where)
		}
	}
	if all := js[string](b, bright); all != "5 5 5" {
		t.Errorf("at first %s lines stand out, want all", all)
	}
	second := `.shape-steps button[data-step="2"]`
	b.press(second, kb.Enter)
	b.until(bright + ` === '0 5 0' && document.querySelector('` + second + `').ariaPressed === 'true'`)
	js[bool](b, `(() => { document.querySelector('.shape .l.s3').dispatchEvent(new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' })); return true })()`)
	b.until(bright + ` === '0 0 5'`)
	js[bool](b, `(() => { document.querySelector('.shapes').dispatchEvent(new PointerEvent('pointerleave')); return true })()`)
	b.until(bright + ` === '0 5 0'`)
	b.press(second, kb.Escape)
	b.until(bright + ` === '5 5 5' && document.querySelector('` + second + `').ariaPressed === 'false'`)

	b.press(`#shapes-1-tab-go`, kb.ArrowRight)
	b.until(`[...document.querySelectorAll('.shape')].every(s => s.querySelector('.python').offsetParent && !s.querySelector('.go').offsetParent)`)
	copied := js[string](b, `(() => { getSelection().selectAllChildren(document.querySelector('.shape .python code')); return getSelection().toString() })()`)
	if !strings.Contains(copied, "        try:\n            inbox = http1.Inbox()") ||
		regexp.MustCompile(`step\s*\d`).MatchString(copied) {
		t.Errorf("the copied code is:\n%s", copied)
	}
	b.clean("shapes by keyboard")
}
