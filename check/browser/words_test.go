package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestCopy: the button copies what a terminal is to run, and no prompt, input or output. No line breaks within a word.
func TestCopy(t *testing.T) {
	b := open(t)
	base := hosted(t) // the clipboard needs a host
	b.window(390, 844)
	for page, want := range map[string][]string{
		"blocking.html": {"nc 127.0.0.1 8080", "go run ./cmd/serve backend"},
		"tornado.html":  {"curl http://127.0.0.1:8080/ask", "nc -u 127.0.0.1 8080"},
		"wsgi.html":     {`curl -sS http://127.0.0.1:8080/; echo " exit $?"`},
	} {
		b.visit(base + page)
		b.until(`document.querySelector('.copy')`)
		copied := js[[]string](b, `(async () => {
			const copied = []
			navigator.clipboard.writeText = async text => { copied.push(text) }
			for (const button of document.querySelectorAll('.copy')) await button.click()
			return copied
		})()`)
		for _, command := range want {
			found := false
			for _, text := range copied {
				found = found || text == command
				if strings.HasPrefix(text, "$") {
					t.Errorf("%s: a prompt is copied: %q", page, text)
				}
			}
			if !found {
				t.Errorf("%s: %q cannot be copied by itself: %q", page, command, copied)
			}
		}
		for _, word := range js[[]string](b, `[...document.querySelectorAll('.word')].filter(word => word.getClientRects().length > 1 && !word.querySelector('*')).map(word => word.textContent)`) {
			t.Errorf("%s: a line breaks within %q", page, word)
		}
	}
	b.clean("copy")
}

// TestHints: what a term means is shown for the pointer, the keyboard and the finger, and goes away.
func TestHints(t *testing.T) {
	b := open(t)
	b.window(1280, 800)
	b.visit(exported(t) + "blocking.html")
	const hint = `document.querySelector('[role=tooltip]')`
	b.until(hint)
	b.press("a.term", "")
	js[bool](b, `(() => { document.activeElement.blur(); return true })()`)
	js[bool](b, `(() => { document.querySelector('a.term').focus({ focusVisible: true }); return true })()`)
	b.until(hint + `.checkVisibility() && ` + hint + `.textContent.length > 20 && document.activeElement.getAttribute('aria-describedby') === 'page:hint'`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until(hint + `.hidden && document.activeElement.matches('a.term:not([aria-describedby])')`)
	js[bool](b, `(() => { document.activeElement.blur(); return true })()`)
	const finger = `(() => { const term = document.querySelectorAll('a.term')[1]
		term.dispatchEvent(new PointerEvent('pointerdown', { pointerType: 'touch', bubbles: true })); term.click(); return true })()`
	js[bool](b, finger)
	b.until(hint + `.checkVisibility() && ` + hint + `.querySelector('a').href.includes('glossary.html#')`)
	js[bool](b, finger)
	b.arrive("glossary.html", "true")
	b.clean("hints")
}

// TestNoSuchPage: the page for an unknown address leads to the whole book.
func TestNoSuchPage(t *testing.T) {
	b := open(t)
	b.window(390, 844)
	b.visit(exported(t) + "404.html")
	links := strings.Join(js[[]string](b, `[...document.querySelectorAll('main a')].map(a => a.getAttribute('href'))`), " ")
	for _, page := range append(chapterPages(t), "index.html") {
		if !strings.Contains(" "+links+" ", " "+page+" ") {
			t.Errorf("no link to %s", page)
		}
	}
	b.clean("404")
}
