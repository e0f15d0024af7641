package browser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp/kb"

	"era/lab"
	"era/lab/recording"
	"era/lab/recording/recordingtest"
	"era/lab/scenario"
)

const (
	filmState = `document.querySelector('.film').dataset.state`
	counts    = `[...document.querySelectorAll('.film-count')].map(count => Number(count.textContent))`
	toldShown = `document.querySelector('.film-told').checkVisibility({ visibilityProperty: true })`
	moving    = "prefers-reduced-motion=no-preference"
)

// TestLanding is a stranger's first minute, from disk and with the keyboard: a film that plays within the first window,
// a question, and an answer by what happens. Nothing moves that the reader did not move.
func TestLanding(t *testing.T) {
	b := open(t)
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		globalThis.shifts = globalThis.early = 0; globalThis.seen = new Set()
		new PerformanceObserver(list => { for (const e of list.getEntries()) shifts += e.value })
			.observe({ type: 'layout-shift', buffered: true })
		requestAnimationFrame(function look() {
			const count = document.querySelectorAll('.film-count')[1]?.textContent, ask = document.getElementById('film:ask')
			if (count < 7 && ask.checkVisibility({ visibilityProperty: true })) early++
			seen.add(count)
			requestAnimationFrame(look)
		})`,
	})
	for _, size := range [][2]int64{{390, 844}, {1280, 800}, {1920, 1080}} {
		where := fmt.Sprintf("%d × %d", size[0], size[1])
		b.window(size[0], size[1], moving)
		b.visit(exported(t) + "index.html")
		b.until(filmState + ` === 'asked' && ` + counts + `[1] === 7`)
		if seen := js[int](b, `seen.size`); seen < 3 {
			t.Errorf("%s: the counter showed %d different numbers before the question, so nothing played", where, seen)
		}
		if early := js[int](b, `early`); early > 0 {
			t.Errorf("%s: the question stands in %d frames before the film has got there", where, early)
		}
		below := js[[]string](b, `[...document.querySelectorAll('h1, .film-lanes, .film-choice')].
			filter(e => e.getBoundingClientRect().bottom > innerHeight).map(e => e.className || e.localName)`)
		if len(below) > 0 {
			t.Errorf("%s: below the first window: %q", where, below)
		}
		if js[bool](b, toldShown) || js[int](b, counts+`[0]`) != 0 {
			t.Errorf("%s: the answer is there before the question was answered", where)
		}
		b.audit(where + ", the question")
		b.press(`.film-choice:nth-child(2)`, kb.Enter)
		b.until(filmState + ` === 'going'`)
		if js[bool](b, toldShown) {
			t.Errorf("%s: the answer is told before it has happened", where)
		}
		b.until(filmState + ` === 'told'`)
		if got := js[[]int](b, counts); !slices.Equal(got, []int{20, 20}) {
			t.Errorf("%s: in the end %v of twenty are answered, want all", where, got)
		}
		said := js[string](b, `document.querySelector('.film-status').textContent`)
		for _, want := range []string{"Server A at 1.540 s: 20 of 20 answered, longest wait 1.4", "Right: after 1½ seconds."} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: what is announced is %q, without %q", where, said, want)
			}
		}
		if at := js[string](b, `document.activeElement.className`); at != "film-told" {
			t.Errorf("%s: the focus is on %q, want the answer", where, at)
		}
		b.audit(where + ", the answer")
		if shifts := js[float64](b, `shifts`); shifts != 0 {
			t.Errorf("%s: the layout shifted by %v", where, shifts)
		}
	}
	b.checkTree("the answer")
	b.press(`.film-again`, kb.Enter)
	b.until(counts + `[0] === 0`)
	b.until(counts + `[0] === 20`)
	for _, url := range b.urls() {
		if strings.Contains(url, "/lab.") || strings.Contains(url, "/recordings/") {
			t.Errorf("the first page asks for %s", url)
		}
	}
	next := js[[]string](b, `[...document.querySelectorAll('.film-told a')].map(a => a.getAttribute('href'))`)
	if !slices.Equal(next, []string{"blocking.html", "asyncawait.html#lab-blocking-call"}) {
		t.Errorf("the next steps lead to %q", next)
	}
	b.clean("first page")
}

// TestLandingInBothThemes audits the first page in the dark, with a wrong answer. With little motion, the film is
// at once where it would end.
func TestLandingInBothThemes(t *testing.T) {
	b := open(t)
	for _, theme := range []string{"light", "dark"} {
		b.window(390, 844, "prefers-color-scheme="+theme)
		b.visit(hosted(t) + "index.html")
		b.until(counts + `[1] === 7`)
		js[bool](b, `(() => {
			globalThis.seen = new Set()
			const count = document.querySelector('.film-count')
			new MutationObserver(() => seen.add(count.textContent)).observe(count, { childList: true })
			document.querySelectorAll('.film-choice')[2].click()
			return true
		})()`)
		b.until(filmState + ` === 'told'`)
		if seen := js[[]string](b, `[...seen]`); !slices.Equal(seen, []string{"20"}) {
			t.Errorf("%s: with little motion the counter shows %q, want 20 at once", theme, seen)
		}
		grade := js[string](b, `document.querySelector('.film-grade').textContent`)
		if !strings.Contains(grade, "No: after 1½ seconds.") {
			t.Errorf("%s: a wrong answer is graded %q", theme, grade)
		}
		b.audit(theme)
	}
	b.clean("both themes")
}

// TestLandingWithoutScripts: the run is folded behind the question, and no control is left that does nothing.
func TestLandingWithoutScripts(t *testing.T) {
	b := open(t)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.visit(exported(t) + "index.html")
	folded, names := false, []string{}
	for _, n := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
		if n.Ignored {
			continue
		}
		names = append(names, text(n.Role)+": "+text(n.Name))
		folded = folded || text(n.Role) == "DisclosureTriangle" && text(n.Name) == "See what happened"
	}
	for _, name := range names {
		shown := strings.Contains(name, "Lanes of") || strings.Contains(name, "to wait, and others")
		if shown || strings.HasPrefix(name, "button: ") {
			t.Errorf("without scripts there is %q", name)
		}
	}
	if !folded || !strings.Contains(strings.Join(names, "\n"), "When will it?") {
		t.Errorf("without scripts the question or its answer is missing: %q", names)
	}
}

// TestLandingLive: the page says what this browser may do, runs the experiment if it may, and has the recorded run back
// if that fails.
func TestLandingLive(t *testing.T) {
	host := newStand(t)
	b := open(t)
	b.visit(host.address)
	b.until(`document.querySelector('.film-can .lab-how')?.textContent.includes('key')`)

	reply := make(chan struct{})
	host.hold, host.result = nil, func(e scenario.Experiment, w lab.Watcher) *recording.Recording {
		began, news := lab.Started{Scenario: e.Scenario.Name}, lab.Batch{Now: 7e8}
		for _, v := range e.Servers {
			began.Servers = append(began.Servers, lab.StartedServer{ID: v.Server.ID, Language: v.Language})
			news.Tracks = append(news.Tracks, lab.Tracks{Track: recording.Track{
				Lanes: []recording.Lane{{ID: 0, Kind: "connection", Name: "fast 1", Group: "fast"}},
				Marks: []recording.Mark{{Lane: 0, At: 1e8, Took: 5e8, State: recording.Queued},
					{Lane: 0, At: 6e8, State: recording.Answered}},
			}})
		}
		w.Started(began)
		w.Batch(news)
		<-reply
		return recordingtest.New()
	}
	b = b.another()
	b.enter(host.address + host.key)
	b.until(`document.querySelector('.film-run')`)
	if said := js[string](b, `document.querySelector('.film-can').textContent`); !strings.Contains(said, "may run experiments") {
		t.Errorf("with the right, the page says %q", said)
	}
	b.press(`.film-run`, kb.Enter)
	b.until(filmState + ` === 'going' && ` + counts + `.join() === '1,1'`)
	if said := js[string](b, `document.querySelector('.film-source').textContent`); !strings.HasPrefix(said, "Live, on this machine") {
		t.Errorf("a live run is called %q", said)
	}
	close(reply)
	b.until(filmState + ` === 'told'`)
	if said := js[string](b, `document.querySelector('.film-does').textContent`); said != "longest wait 0.500 s" {
		t.Errorf("after the run the page says %q, want its own longest wait", said)
	}
	b.audit("after a live run")

	reply = make(chan struct{})
	b.press(`.film-run`, kb.Enter)
	b.until(filmState + ` === 'going'`)
	b.expect("ERR_CONNECTION_REFUSED", "503 (Service Unavailable)", "WebSocket")
	go host.stop() // it waits for the run
	b.until(filmState + ` === 'asked' && ` + counts + `.join() === '0,7'`)
	close(reply)
	if said := js[string](b, `document.querySelector('.film-source').textContent`); !strings.HasPrefix(said, "Recorded on ") {
		t.Errorf("after a run that failed, the picture is called %q", said)
	}
	if n := host.runs.Load(); n != 2 {
		t.Errorf("%d runs, want 2", n)
	}
	b.clean("a live run on the first page")
}
