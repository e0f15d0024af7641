package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

const (
	shareButton = `document.querySelector('#lab-one-slow .lab-copy button')`
	shareWords  = `#lab-one-slow .lab-copy [role=status]`
)

// copied presses Copy link, and returns what it has put into the clipboard, which the page is allowed to write.
func (b *tab) copied() string {
	b.t.Helper()
	js[bool](b, `(() => {
		globalThis.taken = ''
		Object.defineProperty(navigator, 'clipboard', { configurable: true,
			value: { writeText: async text => { globalThis.taken = text } } })
		`+shareButton+`.click()
		return true
	})()`)
	b.until(`globalThis.taken`)
	return js[string](b, `globalThis.taken`)
}

// TestCopyLink: the copied link leads to the moment that the picture shows, on a static host as well, and the page says
// what was copied.
func TestCopyLink(t *testing.T) {
	b := open(t)
	base := hosted(t)
	b.visit(base + "blocking.html#lab-one-slow@1.25s")
	shown := `document.querySelector('#lab-one-slow .lab-time')?.textContent`
	b.until(shown + ` === '1.25 s'`)
	link := b.copied()
	if link != base+"blocking.html#lab-one-slow@1.25s" {
		t.Errorf("copied: %s", link)
	}
	b.until(`document.querySelector('` + shareWords + `').textContent`)
	said := js[string](b, `document.querySelector('`+shareWords+`').textContent`)
	if said != "Copied: a link to this experiment at 1.25 s." {
		t.Errorf("it says %q", said)
	}
	// Another moment, and its link in another tab.
	js[bool](b, `(() => {
		const slider = document.querySelector('#lab-one-slow .lab-scrub')
		slider.value = 250
		slider.dispatchEvent(new Event('input'))
		return true
	})()`)
	b.until(shown + ` !== '1.25 s'`)
	now := js[string](b, shown)
	other := open(t)
	other.visit(b.copied())
	other.until(shown + ` === '` + now + `'`)
	if state := js[string](other, `document.querySelector('#lab-one-slow').dataset.state`); state != "recorded" {
		t.Errorf("after a link the bench is %s", state)
	}
	b.clean("copy link")
	other.clean("copied link")
}

// TestCopyLinkRefused: where the clipboard cannot be written, as on a page from disk without the permission, the link
// stands in a field, selected.
func TestCopyLinkRefused(t *testing.T) {
	b := open(t)
	page := exported(t) + "blocking.html"
	b.visit(page + "#lab-one-slow@1.25s")
	b.until(shareButton)
	for _, without := range []string{
		`Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined })`,
		`Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new DOMException('no', 'NotAllowedError')) } })`,
	} {
		js[bool](b, `(document.querySelector('`+shareWords+`').textContent = '', `+without+`, `+shareButton+`.click(), true)`)
		b.until(`document.querySelector('` + shareWords + `').textContent.includes('Copy the selected link')`)
		if selected := js[string](b, `getSelection().toString()`); selected != page+"#lab-one-slow@1.25s" {
			t.Errorf("selected is %q", selected)
		}
	}
	b.clean("copy link without a clipboard")
}

// TestLinksThatMakeNoSense: what a link asks for is checked, on a static host as well; the page says what is wrong, and
// shows the experiment of the book.
func TestLinksThatMakeNoSense(t *testing.T) {
	b := open(t)
	base := hosted(t)
	for link, want := range map[string]string{
		"?clients=0":        "Clients: from 1",
		"?clients=100000":   "from 1 to",
		"?clients=1.5":      "a whole number, not “1.5”",
		"?speed=5":          "no knob “speed”",
		"?servers=<b>,x":    "No server “<b>” can do this.",
		"@99s":              "comes after the end of the run",
		"@soon":             "not a time",
		"?clients=-1@1.25s": "a whole number",
	} {
		b.visit("about:blank")
		b.visit(base + "blocking.html#lab-one-slow" + link)
		b.until(`!(document.querySelector('#lab-one-slow .lab-link')?.hidden ?? true)`)
		if said := b.text(".lab-link"); !strings.Contains(strings.ToLower(said), strings.ToLower(want)) {
			t.Errorf("of %s it says %q", link, said)
		}
		if n := js[int](b, `document.querySelectorAll('#lab-one-slow .lab-pane').length`); n != 2 {
			t.Errorf("%s: %d pictures", link, n)
		}
	}
	b.clean("links that make no sense")
}

// TestLinkToAMomentOfAnotherRun: a link never starts a run. When the reader has run what it leads to, its moment shows.
func TestLinkToAMomentOfAnotherRun(t *testing.T) {
	s := newStand(t)
	s.result = canned
	b := open(t)
	b.enter(s.address + "index.html" + s.key)
	b.visit(s.address + "blocking.html#lab-one-slow?servers=blocking,threads&clients=5&pause=3000@0.5s")
	b.until(`document.querySelector('#lab-one-slow .lab-go .lab-run')`)
	if n := s.runs.Load(); n != 0 {
		t.Errorf("the link has started %d runs", n)
	}
	b.guess(`document.querySelector('#lab-one-slow')`)
	b.press(inBench(".lab-guess button[type=submit]"), kb.Enter)
	b.press(inBench(".lab-go .lab-run"), kb.Enter)
	b.until(`document.querySelector('#lab-one-slow').dataset.state === 'done'`)
	b.until(`document.querySelector('#lab-one-slow .lab-time').textContent === '0.50 s'`)
	if link := b.copied(); link != s.address+"blocking.html#lab-one-slow?servers=blocking,threads&clients=5&pause=3000@0.5s" {
		t.Errorf("copied: %s", link)
	}
	b.clean("link to a moment of another run")
}
