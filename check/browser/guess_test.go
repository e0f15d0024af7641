package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// guess fills in the form of a bench and leaves the focus on its button.
func (b *tab) guess(bench string) {
	b.t.Helper()
	js[bool](b, `(() => {
		const form = `+bench+`.querySelector('.lab-guess form')
		for (const input of form.querySelectorAll('input[type=number]')) input.value = 3
		for (const choice of form.querySelectorAll('fieldset')) choice.querySelector('input').checked = true
		form.querySelector('[type=submit]').focus()
		return true
	})()`)
}

// calm lets the tab prefer reduced motion, so that results are shown at once.
func (b *tab) calm() {
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// TestEveryGuessIsGraded guesses in every experiment of the book, before its recorded run is shown.
func TestEveryGuessIsGraded(t *testing.T) {
	b := open(t)
	b.calm()
	base := exported(t)
	kinds := map[string]int{}
	for _, page := range pages(t) {
		if !hasLabs(t, page) {
			continue
		}
		b.visit(base + page)
		b.openBenches()
		for _, name := range js[[]string](b, `[...document.querySelectorAll('section.lab[data-guess^="{"]')].map(lab => lab.dataset.lab)`) {
			bench := `document.querySelector('section.lab[data-lab="` + name + `"]')`
			if js[bool](b, bench+`.querySelector('.lab-guess').hidden`) {
				t.Errorf("%s: %s asks for no guess", page, name)
				continue
			}
			kind := js[string](b, `JSON.parse(`+bench+`.dataset.guess).kind`)
			kinds[kind]++
			b.guess(bench)
			js[bool](b, `(document.activeElement.click(), true)`)
			b.until(bench + `.querySelector('.lab-grades li')`)
			graded := js[int](b, bench+`.querySelectorAll('.lab-grades :is(.lab-right, .lab-close, .lab-wrong)').length`)
			want := js[int](b, bench+`.dataset.servers.split(',').length`)
			if kind == "order" {
				want = 1
			}
			if graded != want {
				t.Errorf("%s: of the guesses in %s, %d are graded, want %d", page, name, graded, want)
			}
		}
	}
	for _, kind := range []string{"number", "range", "choice", "order"} {
		if kinds[kind] == 0 {
			t.Errorf("no experiment asks for a guess of the kind %s: %v", kind, kinds)
		}
	}
	b.clean("guesses")
}

// TestGuessIsKept guesses, comes again the next day and in another tab, and guesses again.
func TestGuessIsKept(t *testing.T) {
	b := open(t)
	b.calm()
	address := hosted(t) + "blocking.html"
	bench := `document.querySelector('section.lab')`
	visit := func(b *tab) {
		b.visit(address)
		b.openBenches()
	}
	asked := func(b *tab) bool { return js[bool](b, `!`+bench+`.querySelector('.lab-guess').hidden`) }
	visit(b)
	if !asked(b) {
		t.Fatal("the first visit asks for no guess")
	}
	b.guess(bench)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(bench + `.querySelector('.lab-grades .lab-right')`)
	next := b.another()
	next.calm()
	for _, again := range []*tab{b, next} {
		visit(again)
		if past := js[string](again, bench+`.querySelector('.lab-past').textContent`); asked(again) ||
			!strings.Contains(past, "You guessed on ") || !strings.Contains(past, "Blocking · Go: none; Thread per connection · Go: none.") {
			t.Errorf("the second visit says %q", past)
		}
	}
	b.press(`section.lab .lab-past button`, kb.Enter)
	shown := bench + `.querySelectorAll('.lab-verdicts li, .lab-results').length`
	if at := js[string](b, `document.activeElement.type + ' ' + `+shown); !asked(b) || at != "radio 0" {
		t.Errorf("guess again: the focus is on a %s, then results that are shown", at)
	}
	b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
	b.until(bench + `.querySelector('.lab-grades li')`)
	if past := js[string](b, bench+`.querySelector('.lab-past').textContent`); !strings.Contains(past, "without a guess") {
		t.Errorf("after a look without a guess the page says %q", past)
	}
	b.clean("guess is kept")
}

// TestGuessIsNotKept: where the browser keeps nothing, or something else is kept, a guess is graded as well.
func TestGuessIsNotKept(t *testing.T) {
	for name, script := range map[string]string{
		"refused": `Storage.prototype.getItem = Storage.prototype.setItem = () => { throw new Error('refused') }`,
		"strange": `for (const said of ['{', '7', '{"asked":7}']) localStorage.setItem('era guess one-slow', said)`,
		"stale":   `localStorage.setItem('era guess one-slow', JSON.stringify({ at: 0, asked: '{"kind":"number"}', guesses: { blocking: 5 } }))`,
		"odd": `localStorage.setItem('era guess one-slow', JSON.stringify({ at: 'x', guesses: { blocking: '<b>', threads: 99 },
			asked: document.querySelector('section.lab')?.dataset.guess }))`,
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			b.calm()
			call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
			b.visit(hosted(t) + "blocking.html")
			b.openBenches()
			bench := `document.querySelector('section.lab')`
			b.guess(bench)
			b.do(chromedp.KeyEvent(kb.Enter))
			b.until(bench + `.querySelector('.lab-grades .lab-right')`)
			b.clean(name)
		})
	}
}
