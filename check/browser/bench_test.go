package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"era/lab"
	"era/lab/recording"
	"era/lab/scenario"
)

// TestOneName: a server is called by one name in its picture, counter, moments, table and sentences.
func TestOneName(t *testing.T) {
	b := open(t)
	b.calm()
	b.visit(hosted(t) + "select.html")
	b.openBenches()
	b.click(`document.querySelector('#lab-hang-ups .lab-guess button[type=button]')`)
	b.until(`document.querySelector('#lab-hang-ups .lab-results')`)
	got := js[map[string][]string](b, `(() => {
		const texts = (selector, of = e => e.textContent) =>
			[...document.querySelectorAll('#lab-hang-ups ' + selector)].map(of)
		return { picture: texts('.lab-pane-head b'), counter: texts('.lab-whose'), table: texts('.lab-results tbody th'),
			sentence: texts('.lab-verdicts li'), moment: texts('.lab-moments a', a => a.ariaLabel) }
	})()`)
	names := []string{"select", "select and threads"}
	for place, texts := range got {
		if place == "moment" {
			for _, text := range texts {
				if !strings.Contains(text, "select · Go") && !strings.Contains(text, "select and threads · Go") {
					t.Errorf("a moment is of no server: %q", text)
				}
			}
			continue
		}
		if len(texts) != len(names) {
			t.Errorf("%s: %q, want the servers %q", place, texts, names)
			continue
		}
		for i, text := range texts {
			rest, is := strings.CutPrefix(text, names[i])
			if !is || rest != "" && !strings.HasPrefix(rest, " · Go") && !strings.HasPrefix(rest, " answered") {
				t.Errorf("%s: %q, want the name %q", place, text, names[i])
			}
		}
	}
	if len(got["moment"]) < 3 {
		t.Errorf("the moments are %q", got["moment"])
	}
	b.clean("one name")
}

// TestHeadsOfTable: no head of a table of results takes more than three lines.
func TestHeadsOfTable(t *testing.T) {
	b := open(t)
	for _, width := range []int64{390, 1280} {
		b.window(width, 800)
		b.visit(hosted(t) + "workers.html")
		b.openBenches()
		b.revealAll()
		high := js[[]string](b, `[...document.querySelectorAll('.lab-results thead th')].filter(th => {
			const range = document.createRange(), tops = new Set(), texts = document.createTreeWalker(th, NodeFilter.SHOW_TEXT)
			while (texts.nextNode()) {
				range.selectNodeContents(texts.currentNode)
				for (const { top } of range.getClientRects()) tops.add(Math.round(top))
			}
			return tops.size > 3
		}).map(th => th.textContent)`)
		if len(high) > 0 {
			t.Errorf("%d px: heads of more than three lines: %q", width, high)
		}
	}
	b.clean("heads")
}

// TestCoveredLength: before the guess nothing says how long the run was.
func TestCoveredLength(t *testing.T) {
	b := filmed(t, "")
	clock := `['.lab-axis', '.lab-time', '.lab-scrub', '.lab-transport select'].filter(part =>
		` + inFilm + `.querySelector(part).checkVisibility()).join()`
	if got := js[string](b, clock); got != "" {
		t.Errorf("before the guess there are %s", got)
	}
	b.click(justShow)
	b.until(`['.lab-axis', '.lab-scrub'].every(part => ` + inFilm + `.querySelector(part).checkVisibility())`)
	b.clean("length")
}

// TestSkipOnPhone: while the film plays for the first time, Skip is in the window.
func TestSkipOnPhone(t *testing.T) {
	b := open(t)
	b.window(390, 844, moving)
	b.visit(hosted(t) + "blocking.html")
	b.openBenches()
	b.click(justShow)
	b.until(skip + `.checkVisibility()`)
	b.until(`(() => {
		const box = ` + skip + `.getBoundingClientRect(), at = document.elementFromPoint(box.x + 8, box.y + 8)
		return box.bottom <= innerHeight && ` + skip + `.contains(at) || ` + shown + ` > 990
	})()`)
	if at := js[int](b, shown); at > 900 {
		t.Errorf("Skip was not in the window before the film was at %d of 1000", at)
	}
	b.clean("skip on a phone")
}

// TestFocusAfterGuess: without a Run button the focus is on the button that stops the film, and no ring surrounds the
// picture.
func TestFocusAfterGuess(t *testing.T) {
	b := open(t)
	b.window(1280, 800, moving)
	b.visit(hosted(t) + "blocking.html")
	b.openBenches()
	b.press(`#lab-one-slow .lab-guess button[type=button]`, kb.Enter)
	b.until(`document.activeElement.matches('#lab-one-slow .lab-transport [aria-label=Pause]')`)
	b.do(chromedp.KeyEvent(" "))
	b.until(`document.activeElement.matches('#lab-one-slow .lab-transport [aria-label=Play]')`)
	b.clean("focus after the guess")
}

// TestPins: the moments of the story stand on the pictures of their servers, over their times, and lead to them.
func TestPins(t *testing.T) {
	b := filmed(t, "")
	pins := `[...` + inFilm + `.querySelectorAll('.lab-pin')]`
	if n := js[int](b, pins+`.length`); n > 0 {
		t.Errorf("before the guess there are %d numbers on the pictures", n)
	}
	b.click(justShow)
	b.click(skip)
	b.until(pins + `.length === 3`)
	got := js[[]string](b, `[...`+inFilm+`.querySelectorAll('.lab-pane')].map(pane =>
		[...pane.querySelectorAll('.lab-pin')].map(pin => pin.textContent).join())`)
	if !slices.Equal(got, []string{"1,3", "2"}) {
		t.Errorf("the pictures have the numbers %q", got)
	}
	// Their order is that of the pictures.
	away := js[float64](b, `(() => {
		const all = { 1: 0.1, 2: 0.6, 3: 0.95 }
		return Math.max(...`+pins+`.map(pin => {
			const [box, canvas] = [pin, pin.closest('.lab-view').querySelector('canvas')].map(e => e.getBoundingClientRect())
			const at = canvas.left + 128 + all[pin.textContent] / 1.015 * (canvas.width - 138)
			return Math.abs(box.left + box.width / 2 - at)
		}))
	})()`)
	if away > 2 {
		t.Errorf("a number is %v px from its moment", away)
	}
	b.click(pins + `.find(pin => pin.textContent === '2')`)
	b.until(`/^2 of 3.*Moment 2\./s.test(` + sentence + `)`)
	b.until(pins + `.find(pin => pin.textContent === '2').matches('.lab-now')`)
	b.clean("pins")
}

// TestForcedColoursEnd: pictures have their own colours while the reader's system dictates others, and afterwards.
func TestForcedColoursEnd(t *testing.T) {
	b := open(t)
	picture := `document.querySelector('#lab-one-slow .lab-canvas').toDataURL()`
	look := func(wishes ...string) string {
		t.Helper()
		b.window(1280, 800, wishes...)
		b.visit(hosted(t) + "blocking.html")
		b.openBenches()
		if js[bool](b, `!document.querySelector('#lab-one-slow .lab-guess').hidden`) {
			b.click(justShow)
		}
		b.until(`document.querySelector('#lab-one-slow .lab-results')`)
		return js[string](b, `(async () => {
			for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame)
			return `+picture+`
		})()`)
	}
	want := look()
	look("forced-colors=active", "prefers-color-scheme=dark")
	orange := js[int](b, `(() => {
		const canvas = document.querySelector('#lab-one-slow .lab-canvas')
		const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
		return data.filter((red, i) => i % 4 === 0 && red > data[i + 2] + 100).length
	})()`)
	if orange < 1000 {
		t.Errorf("with forced colours the picture has %d orange pixels: its states have lost their colours", orange)
	}
	b.window(1280, 800)
	b.until(picture + ` === ` + quote(want))
	b.clean("forced colours")
}

// TestLinkInOpenTab: the link that serve prints, opened in a tab that shows its page, gives it the right to run.
func TestLinkInOpenTab(t *testing.T) {
	b := open(t)
	s := newStand(t)
	b.visit(s.address + "blocking.html")
	b.openBenches()
	b.until(how)
	b.do(chromedp.Navigate(s.address + "blocking.html" + s.key))
	b.until(runs + ` && !location.hash`)
	b.clean("a link in an open tab")
}

// TestOtherTabOfRun: a run that ends while the reader looks at another one tells its results when its tab is chosen.
func TestOtherTabOfRun(t *testing.T) {
	b := open(t)
	s := newStand(t)
	gate := make(chan struct{})
	s.result = func(e scenario.Experiment, w lab.Watcher) *recording.Recording {
		r := canned(e, w)
		<-gate
		return r
	}
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	b.startRun(s, 1)
	tab := func(name string) string {
		return `[...document.querySelectorAll('#lab-one-slow [role=tab]')].find(tab => tab.textContent === '` + name + `')`
	}
	b.click(tab("Recorded run"))
	close(gate)
	b.click(tab("Your run"))
	b.until(`document.querySelectorAll('#lab-one-slow .lab-verdicts li').length === 2 &&
		document.querySelector('#lab-one-slow .lab-results')`)
	b.clean("another tab of the bench")
}
