package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"era/lab"
	"era/lab/recording"
	"era/lab/scenario"
)

// canned plays an experiment in which each server has one thread, blocked from 0.1 s on. The server answers as many
// fast clients as the knob pause says in seconds. With one client it goes on after 1.2 s until it is stopped.
func canned(e scenario.Experiment, w lab.Watcher) *recording.Recording {
	began := lab.Started{Scenario: e.Scenario.Name}
	r := &recording.Recording{Length: 2e9, Result: recording.Result{Scenario: e.Scenario.Name,
		Settings: e.Scenario.Texts(e.Settings), Load: &recording.Load{Processors: 2, Others: 1.8}}}
	answered := e.Settings["pause"] / 1000
	batch := lab.Batch{Now: r.Length}
	for _, v := range e.Servers {
		began.Servers = append(began.Servers, lab.StartedServer{ID: v.Server.ID, Language: v.Language, Name: v.String()})
		group := recording.Group{Requests: recording.Requests{Sent: 20, Answered: answered, Failed: 20 - answered}}
		r.Result.Servers = append(r.Result.Servers, recording.Server{ID: v.Server.ID, Language: string(v.Language),
			Group: group, PerGroup: map[string]recording.Group{"fast": group}, Observed: &recording.Observed{}})
		track := lab.Tracks{Sent: 20, Answered: answered}
		track.Lanes = []recording.Lane{{Kind: "thread", Name: "thread 1"}}
		track.Rows = recording.Rows(track.Lanes, nil)
		track.Marks = []recording.Mark{
			{At: 0, Took: 1e8, State: recording.Running, FD: -1, Count: 1, Site: -1},
			{At: 1e8, Took: 19e8, State: recording.Blocked, Call: "read", FD: 7, Count: 1, Site: -1},
		}
		if e.Settings["clients"] == 1 {
			batch.Now = 12e8
			track.Marks[1].Took = batch.Now - track.Marks[1].At
			track.Marks, track.Open = track.Marks[:1], track.Marks[1:]
		}
		batch.Tracks = append(batch.Tracks, track)
	}
	w.Started(began)
	w.Batch(batch)
	if e.Settings["clients"] == 1 {
		return nil
	}
	return r
}

// inBench is a selector in the bench that the runs are of.
func inBench(selector string) string { return "#lab-one-slow " + selector }

func (b *tab) text(selector string) string {
	b.t.Helper()
	return js[string](b, `document.querySelector(`+quote(inBench(selector))+`)?.textContent ?? ''`)
}

func (b *tab) texts(selector string) []string {
	b.t.Helper()
	return js[[]string](b, `[...document.querySelectorAll(`+quote(inBench(selector))+`)]
		.filter(element => element.checkVisibility()).map(element => element.textContent)`)
}

// wantTabs checks the tabs of the runs, and which of them is chosen.
func (b *tab) wantTabs(chosen string, want ...string) {
	b.t.Helper()
	if got := b.texts("[role=tab]"); !slices.Equal(got, want) {
		b.t.Errorf("the tabs are %q, want %q", got, want)
	}
	if got := b.texts("[role=tab][aria-selected=true][tabindex='0']"); !slices.Equal(got, []string{chosen}) {
		b.t.Errorf("chosen is %q, want %q", got, chosen)
	}
	if got := js[string](b, `document.querySelector('#lab-one-slow [role=tabpanel]').getAttribute('aria-labelledby')`); got !=
		js[string](b, `document.querySelector('#lab-one-slow [role=tab][aria-selected=true]').id`) {
		b.t.Errorf("the panel is named after %q", got)
	}
}

// set changes a knob as a reader does.
func (b *tab) set(knob, value string) {
	b.t.Helper()
	js[bool](b, `(() => {
		document.querySelector('#lab-one-slow .lab-setup').open = true
		return true
	})()`)
	b.until(`document.querySelector('#lab-one-slow-knob-` + knob + `')`)
	js[bool](b, `(() => {
		const input = document.querySelector('#lab-one-slow-knob-`+knob+`')
		input.value = `+value+`
		input.dispatchEvent(new Event('input', { bubbles: true }))
		return true
	})()`)
}

// run presses Run and waits for the end of the run.
func (b *tab) run() {
	b.t.Helper()
	b.press(inBench(".lab-go .lab-run"), kb.Enter)
	b.until(`document.querySelector('#lab-one-slow').dataset.state === 'done'`)
	b.until(`document.querySelector('#lab-one-slow .lab-verdicts')`)
}

// TestRunsAreKept: the recorded run, the reader's last and the one before stay, and a run that is stopped takes none of
// them away.
func TestRunsAreKept(t *testing.T) {
	s := newStand(t)
	s.result = canned
	b := open(t)
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	caption := func() bool { return len(b.texts(".lab-caption")) > 0 }
	if caption() {
		t.Error("the caption says the result before the guess")
	}
	b.press(inBench(".lab-guess button[type=button]"), kb.Enter)
	b.until(`document.querySelector('#lab-one-slow .lab-said .lab-caption')`)
	if tabs := b.texts("[role=tab]"); len(tabs) > 0 {
		t.Errorf("one run has the tabs %q", tabs)
	}

	b.run()
	b.wantTabs("Your run", "Recorded run", "Your run")
	if caption() {
		t.Error("the caption of the recorded run stands below another one")
	}
	const busy = "The machine was busy: meanwhile other programs used 1.8 of its 2 processors."
	if said := b.text(".lab-said"); !strings.Contains(said, busy) {
		t.Errorf("of a busy machine it says %q", said)
	}
	if other := b.texts(".lab-other"); len(other) > 0 {
		t.Errorf("the run of what is set is said to be another one: %q", other)
	}

	b.set("pause", "3000")
	notice := `#lab-one-slow .lab-other`
	b.until(`!document.querySelector('` + notice + `').hidden`)
	if other := b.text(".lab-other"); !strings.Contains(other, "2 s instead of 3 s") {
		t.Errorf("above the run of other settings stands %q", other)
	}
	b.run()
	b.until(`document.querySelector('` + notice + `').hidden`)
	b.wantTabs("Your run", "Recorded run", "Your run", "The run before")
	if since := b.text(".lab-since"); !strings.HasPrefix(since, "Since your last run: ") ||
		!strings.Contains(since, "3 s instead of 2 s") || !strings.Contains(since, "; fast: ") ||
		!strings.Contains(since, " 3 answered (before 2 answered)") {
		t.Errorf("of what has changed it says %q", since)
	}

	// One that is stopped.
	b.set("clients", "1")
	b.press(inBench(".lab-go .lab-run"), kb.Enter)
	b.until(`document.querySelector('#lab-one-slow').dataset.state === 'running'`)
	b.wantTabs("Running", "Recorded run", "Your run", "The run before", "Running")
	b.until(`document.querySelector('#lab-one-slow .lab-readout').textContent.includes('blocked')`)
	b.press(inBench(".lab-go .lab-run"), kb.Enter)
	b.until(`document.querySelector('#lab-one-slow').dataset.state === 'failed'`)
	b.wantTabs("Stopped after 1.2 s", "Recorded run", "Your run", "The run before", "Stopped after 1.2 s")
	if verdicts := b.texts(".lab-verdicts li"); len(verdicts) > 0 {
		t.Errorf("a run that was stopped has the verdicts %q", verdicts)
	}
	b.press(inBench(".lab-canvas"), kb.End)
	b.until(`document.querySelector('#lab-one-slow .lab-sentence').textContent.includes('had not returned when the run ended')`)
	if facts := b.text(".lab-facts"); strings.Contains(facts, "returned") {
		t.Errorf("the call that was cut off has %q", facts)
	}

	// The others are as they were. The keyboard walks through the tabs.
	b.press(inBench("[role=tab][aria-selected=true]"), kb.Home)
	b.wantTabs("Recorded run", "Recorded run", "Your run", "The run before", "Stopped after 1.2 s")
	if !caption() {
		t.Error("the recorded run has lost its caption")
	}
	b.press(inBench("[role=tab][aria-selected=true]"), kb.ArrowRight)
	if at := js[string](b, `document.activeElement.textContent`); at != "Your run" {
		t.Errorf("the focus is on %q, want the chosen tab", at)
	}
	if verdicts := b.texts(".lab-verdicts li"); len(verdicts) != 2 || !strings.Contains(verdicts[0], "answered") {
		t.Errorf("after a stopped run, the last complete one has the verdicts %q", verdicts)
	}

	// Two on one clock: each server twice, one below the other.
	js[bool](b, `(() => {
		const select = document.querySelector('#lab-one-slow .lab-tabs select')
		select.value = [...select.options].find(option => option.text === 'Recorded run').value
		select.dispatchEvent(new Event('change', { bubbles: true }))
		return true
	})()`)
	b.until(`document.querySelectorAll('#lab-one-slow .lab-pane').length === 4`)
	both := []string{"Your run", "Recorded run", "Your run", "Recorded run"}
	if of := b.texts(".lab-pane .lab-of"); !slices.Equal(of, both) {
		t.Errorf("the pictures are of %q, want %q", of, both)
	}
	if said := b.text(".lab-since"); !strings.HasPrefix(said, "Your run, compared with the recorded run: ") {
		t.Errorf("of two runs beside each other it says %q", said)
	}

	// Another run meanwhile: one that is no longer kept makes room for it.
	b.set("clients", "20")
	gate := make(chan struct{})
	s.result = func(e scenario.Experiment, w lab.Watcher) *recording.Recording {
		r := canned(e, w)
		<-gate
		return r
	}
	b.press(inBench(".lab-go .lab-run"), kb.Enter)
	b.until(`document.querySelector('#lab-one-slow').dataset.state === 'running'`)
	js[bool](b, `(() => {
		[...document.querySelectorAll('#lab-one-slow [role=tab]')].find(tab => tab.textContent === 'The run before').click()
		return true
	})()`)
	close(gate)
	b.until(`document.querySelector('#lab-one-slow').dataset.state === 'done'`)
	b.wantTabs("Your run", "Recorded run", "Your run", "The run before")
	b.clean("runs")
}

// TestLinkToExperiment: a link with other servers and settings than the block's begins with an empty stage where it can
// be run, and says elsewhere that it cannot. The guess is about the link's servers.
func TestLinkToExperiment(t *testing.T) {
	const link = "blocking.html#lab-one-slow?servers=blocking%2Cselect%2Fpython&clients=5&pause=3000"
	s := newStand(t)
	s.result = canned
	b := open(t)
	b.enter(s.address + "index.html" + s.key)
	b.visit(s.address + link)
	b.until(`document.querySelector('#lab-one-slow .lab-go .lab-run')`)
	if words := b.texts(".lab-go button"); !slices.Equal(words, []string{"Run this experiment"}) {
		t.Errorf("the buttons are %q", words)
	}
	if pictures := b.texts(".lab-pane"); len(pictures) > 0 {
		t.Errorf("before the link's run the stage shows %q", pictures)
	}
	said := b.text(".lab-link")
	if !strings.Contains(said, "5 fast clients instead of 20") || !strings.Contains(said, "Python") {
		t.Errorf("of the link it says %q", said)
	}
	asked := js[[]string](b, `[...new Set([...document.querySelectorAll('#lab-one-slow .lab-guess input')].map(input => input.name))]`)
	if !slices.Equal(asked, []string{"blocking", "select/python"}) {
		t.Errorf("asked about %q, want the link's servers", asked)
	}
	js[bool](b, `(() => { for (const input of document.querySelectorAll('#lab-one-slow .lab-guess [value="1"]')) input.checked = true; return true })()`)
	b.press(inBench(".lab-guess button[type=submit]"), kb.Enter)
	b.run()
	grades := b.texts(".lab-grades li")
	for i, g := range grades {
		if !strings.Contains(g, "you said some") || !strings.HasSuffix(g, "Right.") {
			t.Errorf("grade %d: %q", i, g)
		}
	}
	if len(grades) != 2 {
		t.Errorf("%d guesses are graded, want 2", len(grades))
	}
	b.clean("link")

	static := open(t)
	static.visit(hosted(t) + link)
	static.until(`document.querySelector('#lab-one-slow .lab-pane')`)
	if said := static.text(".lab-link"); !strings.Contains(said, "That takes serve") {
		t.Errorf("on a static host it says %q of the link", said)
	}
	static.clean("link on a static host")
}
