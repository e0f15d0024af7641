package browser

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"era/lab"
	"era/lab/recording"
	"era/lab/recording/recordingtest"
	"era/lab/scenario"
)

// quote returns a JavaScript string.
func quote(s string) string {
	data, _ := json.Marshal(s) // cannot fail for a string
	return string(data)
}

// TestLive is the promise of the book: from the link in the terminal to two servers side by side in the page, with the
// keyboard alone.
func TestLive(t *testing.T) {
	b := open(t)
	host := serve(t)
	b.enter(host.address + "blocking.html" + host.key)
	b.until(`document.querySelector('section.lab')`)
	b.openBenches()
	run := `section.lab .lab-go .lab-run`
	b.until(`document.querySelector('` + run + `')`)

	// The guess comes first.
	if js[bool](b, `!document.querySelector('section.lab .lab-guess').hidden`) {
		b.press(run, kb.Enter)
		b.until(`document.querySelector('section.lab .lab-status').textContent.includes('guess')`)
		b.guess(`document.querySelector('section.lab')`)
		b.press(`section.lab .lab-guess button[type=submit]`, kb.Enter)
	} else {
		b.press(run, kb.Enter)
	}
	b.until(`document.querySelector('section.lab').dataset.state === 'running'`)
	panes := js[int](b, `document.querySelector('section.lab').querySelectorAll('.lab-pane').length`)
	if panes < 2 {
		t.Errorf("%d panes while it runs, want one for each server", panes)
	}
	// Pause while it runs, and back to live.
	b.press(`section.lab .lab-canvas`, " ")
	b.until(`document.querySelector('section.lab .lab-transport [aria-label=Play]')`)
	b.until(`['running', 'done'].includes(document.querySelector('section.lab').dataset.state)`)
	b.until(`document.querySelector('section.lab').dataset.state === 'done'`)
	b.until(`document.querySelector('section.lab .lab-verdicts li')`) // with the next frame

	// The trace is serve's, and the page hands it on as a file.
	js[bool](b, `(() => {
		const make = URL.createObjectURL
		URL.createObjectURL = blob => {
			blob.text().then(text => { globalThis.taken = JSON.parse(text) })
			return make(blob)
		}
		const buttons = [...document.querySelectorAll('section.lab .lab-take button')]
		buttons.find(button => button.textContent.includes('Perfetto')).click()
		return true
	})()`)
	b.until(`globalThis.taken?.traceEvents.length > 10`)

	verdicts := js[[]string](b, `[...document.querySelector('section.lab').querySelectorAll('.lab-verdicts li')].map(li => li.textContent)`)
	if len(verdicts) != panes {
		t.Errorf("verdicts %q of %d servers", verdicts, panes)
	}
	for _, v := range verdicts {
		if !strings.Contains(v, "answered") {
			t.Errorf("verdict %q does not say which clients were answered", v)
		}
	}
	if grades := js[int](b, `document.querySelector('section.lab').querySelectorAll('.lab-grades li').length`); grades != panes {
		t.Errorf("%d guesses are graded, want %d", grades, panes)
	}
	if asked := js[string](b, `document.querySelector('section.lab .lab-asked')?.textContent ?? ''`); !strings.HasSuffix(asked, "?") {
		t.Errorf("above the grades stands %q, want the question", asked)
	}
	if rows := js[int](b, `document.querySelector('section.lab').querySelectorAll('.lab-results tbody tr').length`); rows != panes {
		t.Errorf("%d rows of results, want %d", rows, panes)
	}
	b.walkThrough()
	b.clean("live")
}

// TestStop stops a run, and starts another at once; then the tab loses its right.
func TestStop(t *testing.T) {
	b := open(t)
	host := serve(t)
	b.enter(host.address + "blocking.html" + host.key)
	b.mayRun()
	if js[bool](b, `!document.querySelector('section.lab .lab-guess').hidden`) {
		b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
		if at := js[string](b, `document.activeElement.textContent`); !strings.HasPrefix(at, "Run") {
			t.Errorf("after the guess the focus is on %.40q, want Run", at)
		}
	}
	run := `section.lab .lab-go .lab-run`
	b.until(`document.querySelector('` + run + `')?.textContent.includes('Run')`)
	b.press(run, kb.Enter)
	b.until(`document.querySelector('section.lab').dataset.state === 'running'`)
	b.press(run, kb.Enter)
	b.until(`document.querySelector('section.lab').dataset.state === 'failed'`)
	if said := js[string](b, `document.querySelector('section.lab .lab-status').textContent`); said != "Stopped." {
		t.Errorf("after Stop the page says %q", said)
	}
	b.press(run, kb.Enter)
	b.until(`document.querySelector('section.lab').dataset.state === 'done'`)

	// When the tab's right ends, its run ends, and the page says so.
	b.press(run, kb.Enter)
	b.until(`document.querySelector('section.lab').dataset.state === 'running'`)
	js[bool](b, `era.live.ask('tabs').then(({ tabs }) => era.live.ask('end', { id: tabs[0].id })).then(() => true)`)
	b.until(`document.querySelector('section.lab').dataset.state === 'failed'`)
	if said := js[string](b, `document.querySelector('section.lab .lab-status').textContent`); !strings.HasPrefix(said, "The right of this tab") {
		t.Errorf("the right was ended during a run, and the page says %q", said)
	}
	b.clean("stop")
}

// TestDoubleClick: Run and Stop share a place. The second click of two does not stop what the first has started, and a
// click that was meant for Stop and arrives after the run starts no other. Clicks carry the time at which they were
// made, so that this one can be made first and arrive late.
func TestDoubleClick(t *testing.T) {
	for page, bench := range map[string]string{"blocking.html": "section.lab", "gateways.html": "section.matrix"} {
		t.Run(page, func(t *testing.T) {
			b := open(t)
			s := newStand(t)
			hold := make(chan struct{})
			s.hold = hold
			s.result = func(e scenario.Experiment, w lab.Watcher) *recording.Recording {
				began := lab.Started{Scenario: e.Scenario.Name}
				for _, v := range e.Servers {
					began.Servers = append(began.Servers, lab.StartedServer{ID: v.Server.ID, Language: v.Language,
						Title: v.Server.Title})
				}
				w.Started(began)
				return recordingtest.New()
			}
			b.enter(s.address + page + s.key)
			if bench == "section.lab" {
				b.openBenches()
				if js[bool](b, `!document.querySelector('section.lab .lab-guess').hidden`) {
					b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
				}
			}
			button := `document.querySelector('` + bench + ` .lab-run')`
			b.until(button + `?.textContent.startsWith('Run')`)
			js[bool](b, `(() => {
				globalThis.stopped = 0
				const stop = era.live.stop
				era.live.stop = function () { stopped++; stop.call(this) }
				const [first, second] = [1, 2].map(detail => new MouseEvent('click', { detail, bubbles: true }))
				globalThis.late = new MouseEvent('click', { detail: 1, bubbles: true })
				`+button+`.dispatchEvent(first)
				`+button+`.dispatchEvent(second)
				return true
			})()`)
			b.until(button + `.textContent === 'Stop'`)
			close(hold)
			b.until(button + `.textContent.startsWith('Run')`)
			js[bool](b, button+`.dispatchEvent(late)`)
			if got := js[string](b, `stopped + ' ' + `+button+`.textContent.slice(0, 3)`); got != "0 Run" {
				t.Errorf("times stopped, and what the button says then: %s, want 0 Run", got)
			}
			b.press(bench+` .lab-run`, kb.Enter) // keys count at once
			for s.runs.Load() < 2 {              // the test's own time limits it
				if b.Err() != nil {
					t.Fatalf("%d runs were started, want 2", s.runs.Load())
				}
				time.Sleep(time.Millisecond)
			}
			b.clean(page)
		})
	}
}

// TestWithoutKey reads the book that serve serves without the key: recorded runs, and a text on how to get the right.
func TestWithoutKey(t *testing.T) {
	b := open(t)
	b.visit(serve(t).address + "blocking.html")
	b.openBenches()
	b.until(`document.querySelector('section.lab .lab-how')`)
	if how := js[string](b, `document.querySelector('section.lab .lab-how').textContent`); !strings.Contains(how, "key") {
		t.Errorf("the page does not say how to get the right to run: %q", how)
	}
	b.walkThrough()
	b.clean("without key")
}

// TestReading does what readers do: theme and languages are remembered from page to page.
func TestReading(t *testing.T) {
	b := open(t)
	base := hosted(t)
	b.visit(base + "blocking.html")
	was := js[string](b, `getComputedStyle(document.body).backgroundColor`)
	b.press(`button.theme`, kb.Enter)
	b.until(`getComputedStyle(document.body).backgroundColor !== ` + quote(was))
	b.do(chromedp.Focus(chromedp.CSS(`.tabs [role=tab][aria-selected=true]`)), chromedp.KeyEvent(kb.ArrowRight))
	language := js[string](b, `document.documentElement.dataset.lang`)
	if language == "go" {
		t.Error("the arrow key does not change the language")
	}
	b.visit(base + "select.html")
	if now := js[string](b, `document.documentElement.dataset.lang`); now != language {
		t.Errorf("the next page shows %s, not %s", now, language)
	}
	if now := js[string](b, `getComputedStyle(document.body).backgroundColor`); now == was {
		t.Error("the next page has forgotten the theme")
	}
	b.clean("reading")
}
