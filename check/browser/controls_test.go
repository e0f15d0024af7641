package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"era/lab"
	"era/lab/recording"
	"era/lab/recording/recordingtest"
	"era/lab/scenario"
)

// The first bench of a page, and what has the focus.
const (
	firstBench = `document.querySelector('section.lab')`
	setup      = firstBench + `.querySelector('.lab-setup')`
	focused    = `(document.activeElement?.id || document.activeElement?.textContent || document.activeElement?.tagName)`
)

// ran is a run of a stand that begins, and is over at once.
func ran(e scenario.Experiment, w lab.Watcher) *recording.Recording {
	began := lab.Started{Scenario: e.Scenario.Name}
	for _, v := range e.Servers {
		began.Servers = append(began.Servers, lab.StartedServer{ID: v.Server.ID, Language: v.Language, Name: v.Title()})
	}
	w.Started(began)
	r := recordingtest.New()
	n := min(len(e.Servers), len(r.Tracks))
	r.Tracks, r.Result.Servers = r.Tracks[:n], r.Result.Servers[:n]
	return r
}

// openSetup opens the servers and the knobs of the first bench, by keyboard.
func (b *tab) openSetup() {
	b.t.Helper()
	b.press(`section.lab .lab-setup > summary`, kb.Enter)
	b.until(setup + `.querySelector('.lab-knob')`)
}

// isAt fails the test unless the focus is on an element whose ID or text begins as wanted.
func (b *tab) isAt(after, want string) {
	b.t.Helper()
	if at := js[string](b, focused); !strings.HasPrefix(at, want) {
		b.t.Errorf("after %s the focus is on %.60q, want %q", after, at, want)
	}
}

// TestFocusStays works the controls of a bench by keyboard: the focus is never lost.
func TestFocusStays(t *testing.T) {
	b := open(t)
	s := newStand(t)
	s.result = ran
	b.calm()
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
	b.isAt(`"Just show me"`, "Run")
	b.press(`section.lab .lab-past button`, kb.Enter)
	b.isAt(`"Guess again"`, "")
	b.guess(firstBench)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.isAt("a guess", "Run")

	b.openSetup()
	b.isAt("opening", "Blocking")
	chosen := setup + `.querySelector('select').value`
	for range 2 { // two steps: the second finds the same picker
		before := js[string](b, chosen)
		if before == "blocking" {
			b.do(chromedp.Focus(chromedp.CSS(`#lab-one-slow-server-0`)))
		}
		b.do(chromedp.KeyEvent(kb.ArrowDown))
		b.until(chosen + ` !== ` + quote(before))
		b.isAt("choosing a server", "lab-one-slow-server-0")
	}
	b.press(`#lab-one-slow-add`, kb.Enter)
	b.isAt("adding a server", "lab-one-slow-server-2")
	b.press(`#lab-one-slow-add`, kb.Enter)
	b.isAt("adding the fourth, after which there is no room", "lab-one-slow-server-3")
	for _, left := range []string{"2", "1", "0"} {
		b.press(`section.lab .lab-pick:last-of-type .lab-icon`, kb.Enter)
		b.isAt("leaving out the last server", "lab-one-slow-server-"+left)
	}
	b.do(chromedp.Focus(chromedp.CSS(`#lab-one-slow-knob-clients`)), chromedp.KeyEvent(kb.ArrowUp))
	b.isAt("a step of a knob", "lab-one-slow-knob-clients")
	b.press(`#lab-one-slow-reset`, kb.Enter)
	b.isAt("a reset", "lab-one-slow-knob-clients")
	if value := js[string](b, `document.activeElement.value`); value != "20" {
		t.Errorf("after a reset there are %s clients", value)
	}
	js[bool](b, `(() => { for (const watch of era.live.watchers) watch(); return true })()`)
	b.isAt("news from serve", "lab-one-slow-knob-clients")
	b.press(runButton, kb.Enter)
	b.until(firstBench + `.dataset.state === 'done'`)
	b.isAt("a run", "Run")
	b.clean("focus")
}

// TestRunStays: Run and Stop are one button that neither moves nor changes its size, whatever is set.
func TestRunStays(t *testing.T) {
	b := open(t)
	s := newStand(t)
	s.hold = make(chan struct{})
	s.result = ran
	b.calm()
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
	// Where the button is in its bench, whatever scrolls.
	place := func(when string) []float64 {
		return js[[]float64](b, `(() => {
			globalThis.run ??= document.querySelector('`+runButton+`')
			if (run !== document.querySelector('`+runButton+`')) return [] // `+when+`
			const box = run.getBoundingClientRect(), bench = run.closest('.bench').getBoundingClientRect()
			return [box.left - bench.left, box.top - bench.top, box.width, box.height]
		})()`)
	}
	want := place("before")
	same := func(when string) {
		t.Helper()
		if got := place(when); !slices.Equal(got, want) {
			t.Errorf("%s the button is at %v, want %v", when, got, want)
		}
	}
	b.openSetup()
	same("with open controls")
	b.press(`#lab-one-slow-add`, kb.Enter)
	b.press(`#lab-one-slow-add`, kb.Enter)
	same("with four servers")
	b.press(runButton, kb.Enter)
	b.until(`document.querySelector('` + runButton + `').textContent === 'Stop'`)
	same("while it runs")
	if enabled := js[int](b, setup+`.querySelectorAll('fieldset :is(input, select, button):enabled').length`); enabled > 0 {
		t.Errorf("%d of the controls can be used while it runs", enabled)
	}
	dim := js[[]string](b, `['input', 'select'].map(tag => getComputedStyle(`+setup+`.querySelector(tag)).opacity)`)
	if dim[0] != dim[1] || dim[0] == "1" {
		t.Errorf("while it runs a knob and a picker have the opacities %v", dim)
	}
	close(s.hold)
	b.until(firstBench + `.dataset.state === 'done'`)
	same("after the run")
	b.clean("run stays")
}

// TestKnobsRefuse: a knob that makes no sense says so in a sentence beside it, nothing runs, and the sentence goes when
// the knob makes sense again.
func TestKnobsRefuse(t *testing.T) {
	b := open(t)
	s := newStand(t)
	s.result = ran
	b.calm()
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
	b.openSetup()
	refused := func(want string) {
		t.Helper()
		said := firstBench + `.querySelector('.lab-setup').querySelectorAll('.lab-refused:not(:empty)')`
		if got := js[[]string](b, `[...`+said+`].map(at => at.textContent)`); strings.Join(got, "|") != want {
			t.Errorf("the knobs say %q, want %q", got, want)
		}
		if n := js[int](b, setup+`.querySelectorAll('[aria-invalid=true]').length`); (n > 0) != (want != "") {
			t.Errorf("%d knobs are invalid, and they say %q", n, want)
		}
	}
	turn := func(knob, keys string) {
		t.Helper()
		js[bool](b, `(() => { const knob = document.getElementById(`+quote(knob)+`); knob.focus(); knob.select(); return true })()`)
		b.do(chromedp.KeyEvent(keys))
	}
	refused("")
	turn("lab-one-slow-knob-clients", kb.Backspace)
	refused("Fast clients: a whole number from 1 to 200.")
	turn("lab-one-slow-knob-clients", "201")
	refused("Fast clients: from 1 to 200.")
	turn("lab-one-slow-knob-pause", "50")
	refused("Fast clients: from 1 to 200.|The slow one's pause: from 100 to 10,000 ms.")
	b.press(`section.lab .lab-setup > summary`, kb.Enter) // closed, but Run shows what is wrong
	b.press(runButton, kb.Enter)
	b.isAt("Run", "lab-one-slow-knob-clients")
	if s.runs.Load() > 0 {
		t.Error("a run has begun with knobs that make no sense")
	}
	turn("lab-one-slow-knob-clients", "5")
	refused("The slow one's pause: from 100 to 10,000 ms.")
	turn("lab-one-slow-knob-pause", "300")
	refused("")
	const set = "Blocking and Thread per connection, 5 fast clients, the slow one pauses 300 ms"
	if words := js[string](b, setup+`.querySelector('summary').textContent`); words != set {
		t.Errorf("what is set is %q, want %q", words, set)
	}
	b.press(runButton, kb.Enter)
	b.until(firstBench + `.dataset.state === 'done'`)

	// Knobs that make too much together.
	b.visit(s.address + "websocket.html")
	b.mayRun()
	b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
	b.openSetup()
	turn("lab-room-knob-talkers", "50")
	refused("")
	turn("lab-room-knob-messages", "50")
	refused("Messages of each: at most 28 with the other settings as they are. Every member hears every message, and that makes more than 100,000.")
	turn("lab-room-knob-talkers", "10")
	refused("")
	b.clean("knobs")
}

// TestServersOffered: a bench offers the servers that can do its job, this chapter's first, by the names of what they
// really are.
func TestServersOffered(t *testing.T) {
	b := open(t)
	s := newStand(t)
	b.enter(s.address + "callbacks.html" + s.key)
	b.mayRun()
	b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
	b.openSetup()
	groups := js[[]string](b, `[...`+setup+`.querySelector('select').children].map(group => group.label)`)
	if want := []string{"Of this chapter", "Earlier", "Later", "Written by others"}; !slices.Equal(groups, want) {
		t.Errorf("the groups are %q, want %q", groups, want)
	}
	first := js[[]string](b, `[...`+setup+`.querySelectorAll('select:first-of-type optgroup:first-child option')].map(o => o.textContent)`)
	if !slices.Contains(first, "Callbacks · Go") || !slices.Contains(first, "Node.js · JavaScript") {
		t.Errorf("of this chapter are %q", first)
	}
	all := js[[]string](b, `[...`+setup+`.querySelector('select').options].map(o => o.value)`)
	for id, want := range map[string]bool{
		"half-for-whole": false, "tcpserver": false, "gather": true, "apache/python": true,
	} {
		if slices.Contains(all, id) != want {
			t.Errorf("%s is offered: %t, want %t", id, !want, want)
		}
	}
	b.clean("servers")
}

// TestControlsByKeyboard counts the stops of the Tab key in benches whose Run was not used yet, and reads names.
func TestControlsByKeyboard(t *testing.T) {
	const most = 8
	b := open(t)
	s := newStand(t)
	b.enter(s.address + "workers.html" + s.key)
	for _, page := range []string{"blocking", "workers", "wsgi", "epoll", "websocket"} {
		b.visit(s.address + page + ".html")
		b.openBenches()
		b.until(`[...document.querySelectorAll('section.lab')].every(lab => lab.querySelector('.lab-go .lab-run') && !lab.querySelector('.lab-setup').hidden)`)
		for _, name := range js[[]string](b, `[...document.querySelectorAll('section.lab')].map(lab => lab.dataset.lab)`) {
			lab := `section.lab[data-lab="` + name + `"]`
			b.do(chromedp.Focus(chromedp.CSS(lab + ` .lab-guess input`)))
			stops := 1
			for ; js[bool](b, `document.activeElement !== document.querySelector(`+quote(lab+` .lab-setup > summary`)+`)`); stops++ {
				if stops > most {
					t.Errorf("%s: more than %d stops before the pictures of %s", page, most, name)
					break
				}
				b.do(chromedp.KeyEvent(kb.Tab))
			}
		}
	}

	b.visit(s.address + "blocking.html")
	b.mayRun()
	b.openSetup()
	var names []string
	for _, n := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
		if text(n.Role) == "spinbutton" && !n.Ignored {
			names = append(names, text(n.Name))
		}
	}
	if want := []string{"fast clients", "the slow one's pause, ms"}; !slices.Equal(names, want) {
		t.Errorf("the knobs are called %q, want %q", names, want)
	}
	b.clean("keyboard")
}
