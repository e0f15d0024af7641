package browser

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp/kb"

	"era/lab"
	"era/lab/recording"
	"era/lab/scenario"
)

var measured = flag.Bool("frames", false, "TestFrameTimes measures how long the frames of the pictures take")

// drawing counts what is drawn on canvases, as globalThis.drawn.
const drawing = `
globalThis.drawn = 0
for (const name of ['fill', 'stroke', 'fillRect', 'strokeRect', 'fillText', 'drawImage']) {
	const draw = CanvasRenderingContext2D.prototype[name]
	CanvasRenderingContext2D.prototype[name] = function (...args) {
		drawn++
		return draw.apply(this, args)
	}
}`

// great gives every recorded run about MARKS marks, on a lane for each 16, half of both for a server.
const great = `Object.defineProperty(globalThis, 'era', { configurable: true, set(era) {
	const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
	const column = numbers => numbers.map(n => {
		let text = ''
		for (let rest = n < 0 ? 1 - 2 * n : 2 * n; ; rest = Math.floor(rest / 32)) {
			text += digits[rest % 32 + (rest > 31 ? 32 : 0)]
			if (rest < 32) return text
		}
	}).join('')
	const names = ['running', 'called', 'unanswered', 'answered']
	function track(length, marks) {
		const clients = Math.ceil(marks / 16), begun = Array(clients + 1).fill(0), all = []
		for (let i = 0; i < marks / 4; i++) {
			const at = Math.floor((i + 1) / (marks / 4 + 1) * length), step = Math.floor(length / marks), lane = 1 + i % clients
			all.push([0, 0, at - step, step], [1, 0, at, 0], [2, lane, begun[lane], at - begun[lane]], [3, lane, at, 0])
			begun[lane] = at
		}
		const ends = all.map(([, , at, took]) => at + took), same = n => column(all.map(() => n))
		const lanes = ['thread 1', ...Array.from({ length: clients }, (_, i) => 'fast ' + (i + 1))]
		return {
			sites: [],
			lanes: { kinds: [{ kind: 'thread' }, { kind: 'connection', group: 'fast' }], names: lanes,
				kind: column(lanes.map((_, i) => Math.min(i, 1))) },
			marks: { kinds: names.map((state, i) => [0, 0, 0, state, i === 1 ? 'read' : '', 0, 0, '', 0, -1]),
				kind: column(all.map(([kind]) => kind)), lane: column(all.map(([, lane]) => lane)),
				end: column(ends.map((end, i) => end - (ends[i - 1] ?? 0))), took: column(all.map(([, , , took]) => took)),
				fd: same(-1), result: same(1), count: same(1), task: same(0) },
		}
	}
	const { recording } = era
	era.recording = (name, content) => {
		const { length, tracks } = content.recording, n = MARKS / tracks.length
		content.recording.tracks = tracks.map(() => track(length, n))
		content.rows = tracks.map(() => [{ kind: 'thread', label: '1 thread', plain: 'threads' },
			{ kind: 'connection', group: 'fast', fold: true, label: 'fast', plain: 'fast' }])
		content.groups = [{ group: 'fast', requests: n / 4 }]
		content.moments = []
		recording(name, content)
	}
	Object.defineProperty(globalThis, 'era', { value: era, writable: true })
} })`

// prepare opens a tab of a common size, with scripts that come before those of the page.
func prepare(t *testing.T, scripts ...string) *tab {
	t.Helper()
	b := open(t)
	for _, source := range scripts {
		call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
	}
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: 800,
		DeviceScaleFactor: 1})
	return b
}

// replay shows the recorded run of the first experiment with n marks, seen to its end.
func replay(t *testing.T, n int) *tab {
	t.Helper()
	b := prepare(t, drawing, strings.Replace(great, "MARKS", strconv.Itoa(n), 1))
	b.visit(exported(t) + "blocking.html")
	b.openBenches()
	b.click(justShow)
	b.click(skip)
	b.until(result)
	js[bool](b, `(`+inFilm+`.querySelector('.lab-panes').scrollIntoView({ block: 'center' }), true)`)
	return b
}

// scrubs moves the shown moment in each of n frames, and returns how long each took in ms.
func (b *tab) scrubs(n int) []float64 {
	b.t.Helper()
	return js[[]float64](b, fmt.Sprintf(`(async () => {
		const slider = %s.querySelector('.lab-scrub'), frame = () => new Promise(requestAnimationFrame), took = []
		let last = await frame()
		for (let i = 0; i < %d; i++) {
			slider.value = 1 + i * 389 %% 998
			slider.dispatchEvent(new Event('input'))
			const now = await frame()
			took.push(now - last)
			last = now
		}
		return took
	})()`, inFilm, n))
}

// TestScrubbingPaintsNoMarks: while only the shown moment moves, no mark is painted, however many there are. What is
// painted are layers, lines, labels and the axis of two pictures.
func TestScrubbingPaintsNoMarks(t *testing.T) {
	const scrubs, most = 40, 100
	b := replay(t, 90_000)
	b.scrubs(5) // and labels are chosen
	before := js[int](b, `drawn`)
	b.scrubs(scrubs)
	if n := (js[int](b, `drawn`) - before) / scrubs; n == 0 || n > most {
		t.Errorf("when the moment moves %d things are drawn, want at most %d", n, most)
	}
	b.clean("scrubbing")
}

// step is one of the batches of a run that has 200 clients, of which each has asked and been answered in each, and a
// thread that makes many calls. It is that of 40 ms.
func step(i int) (t lab.Tracks) {
	const ms, clients, calls = 1_000_000, 200, 100
	from, now := int64(i)*40*ms, int64(i+1)*40*ms
	if i == 0 {
		t.Lanes = []recording.Lane{{Kind: "thread", Name: "thread 1"}}
		for c := range clients {
			group := "many"
			if c < 20 {
				group = "fast"
			}
			t.Lanes = append(t.Lanes, recording.Lane{ID: c + 1, Kind: "connection", Name: fmt.Sprintf("%s %d", group, c+1),
				Group: group})
		}
		t.Rows = recording.Rows(t.Lanes, map[string]int{"fast": 20, "many": clients - 20})
	}
	for n := range int64(calls) {
		at := from + n*40*ms/calls
		t.Marks = append(t.Marks, recording.Mark{At: at, State: recording.Called, Call: "read", FD: 7, Count: 1, Site: -1},
			recording.Mark{At: at, Took: 40 * ms / calls / 2, State: recording.Running, FD: -1, Count: 1, Site: -1})
	}
	for c := 1; c <= clients; c++ {
		asked := from + int64(c%30)*ms
		begun := max(0, from-40*ms+int64(c%30)*ms+ms)
		t.Marks = append(t.Marks,
			recording.Mark{Lane: c, At: begun, Took: asked - begun, State: recording.Idle, FD: -1, Count: 1, Site: -1},
			recording.Mark{Lane: c, At: asked, Took: ms, State: recording.Unanswered, FD: -1, Result: i, Count: 1, Site: -1},
			recording.Mark{Lane: c, At: asked + ms, State: recording.Answered, FD: -1, Result: i + 1, Count: 1, Site: -1})
		t.Open = append(t.Open, recording.Mark{Lane: c, At: asked + ms, Took: now - asked - ms, State: recording.Idle, FD: -1,
			Count: 1, Site: -1})
	}
	t.Answered = clients * (i + 1)
	return t
}

// growing runs the first experiment on a stand whose lab sends the next batch when the test asks for it. Its pictures
// are in sight as a whole: what is not waits.
func growing(t *testing.T) (b *tab, grow func(i int)) {
	t.Helper()
	s, next := newStand(t), make(chan int)
	t.Cleanup(func() { close(next) })
	s.result = func(e scenario.Experiment, w lab.Watcher) *recording.Recording {
		began := lab.Started{Scenario: e.Scenario.Name, Groups: []recording.Asked{{Group: "fast", Requests: 20 * 100}}}
		for _, v := range e.Servers {
			began.Servers = append(began.Servers, lab.StartedServer{ID: v.Server.ID, Language: v.Language, Name: v.Title()})
		}
		w.Started(began)
		for i := range next {
			batch := lab.Batch{Now: int64(i+1) * 40_000_000}
			for range e.Servers {
				batch.Tracks = append(batch.Tracks, step(i))
			}
			w.Batch(batch)
		}
		return nil
	}
	b = prepare(t, drawing)
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: 2400,
		DeviceScaleFactor: 1})
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	b.click(justShow)
	b.until(`document.querySelector('` + runButton + `')?.textContent.includes('Run')`)
	b.press(runButton, kb.Enter)
	b.until(`document.querySelector('section.lab').dataset.state === 'running'`)
	b.until(`(boxes => boxes.length > 1 && boxes.every(box => box.top >= 0 && box.bottom <= innerHeight))(
		[...` + inFilm + `.querySelectorAll('.lab-canvas')].map(canvas => canvas.getBoundingClientRect()))`)
	return b, func(i int) {
		t.Helper()
		select {
		case next <- i:
		case <-b.Done():
			t.Fatal("the lab does not take the next batch")
		}
		b.until(fmt.Sprintf(`%s.querySelector('.lab-figure').textContent.replace(',', '') === '%d'`, inFilm, 20*(i+1)))
	}
}

// TestLiveFramesPaintWhatIsNew: while a run goes on, a frame paints what is new, and not what was painted before. The
// picture is then the same as if it were painted at once.
func TestLiveFramesPaintWhatIsNew(t *testing.T) {
	b, grow := growing(t)
	// For the middle one of some batches: after others the view grows, and everything is painted.
	drawn := func(first, last int) int {
		t.Helper()
		var all []int
		for i := first; i < last; i++ {
			before := js[int](b, `drawn`)
			grow(i)
			all = append(all, js[int](b, `new Promise(requestAnimationFrame).then(() => drawn)`)-before)
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	drawn(0, 4)
	early := drawn(4, 12)
	drawn(12, 40)
	late := drawn(40, 48)
	t.Logf("%d and %d things are drawn for a batch", early, late)
	if early == 0 || late > 2*early {
		t.Errorf("%d things are drawn for a batch, after %d when the run had a fifth of its marks", late, early)
	}

	// The clock of the page goes on for a while after the last batch, and labels are chosen once more within a second.
	b.until(`globalThis.clock === (globalThis.clock = ` + inFilm + `.querySelector('.lab-time').textContent) &&
		(globalThis.still = (globalThis.still ?? 0) + 1) > 80`)
	b.paintedAlike("a live run")
	b.clean("a live run")
}

// TestFilmPaintsWhatMoves: while the film plays, and the reader jumps within it, the picture is what it is when it is
// painted at once.
func TestFilmPaintsWhatMoves(t *testing.T) {
	b := prepare(t)
	b.visit(exported(t) + "blocking.html")
	b.openBenches()
	b.click(justShow)
	b.until(shown + ` > 300`)
	b.click(inFilm + `.querySelector('.lab-transport [aria-label=Pause]')`)
	b.until(inFilm + `.querySelector('.lab-transport [aria-label=Play]')`)
	b.paintedAlike("a film that was paused")
	b.click(skip)
	b.until(result)
	b.scrubs(20)
	b.paintedAlike("a moment")
	b.press(`#lab-one-slow .lab-canvas`, kb.Home)
	b.until(inFilm + `.querySelector('.lab-sentence').textContent`)
	b.press(`#lab-one-slow .lab-canvas`, kb.ArrowRight)
	b.scrubs(20)
	b.paintedAlike("a moment with a chosen mark")
	b.clean("film")
}

// paintedAlike compares the pictures of the first experiment as they are with the same ones painted at once: another
// theme has everything painted anew.
func (b *tab) paintedAlike(what string) {
	b.t.Helper()
	type difference struct {
		Values int
		Most   float64
	}
	got := js[difference](b, `(async () => {
		const canvases = [...`+inFilm+`.querySelectorAll('.lab-canvas')]
		const frames = async n => { for (let i = 0; i < n; i++) await new Promise(requestAnimationFrame) }
		const all = () => canvases.map(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data)
		const theme = async name => {
			document.documentElement.dataset.theme = name
			await frames(3)
			return all()
		}
		const before = all(), dark = await theme('dark'), after = await theme('light')
		const compare = (a, b, than) => {
			let values = 0, most = 0
			const seen = (data, i) => i % 4 === 3 ? data[i] : data[i] * data[i | 3] / 255 // as it is laid on the page
			a.forEach((data, n) => data.forEach((_, i) => {
				const by = Math.abs(seen(data, i) - seen(b[n], i))
				most = Math.max(most, by)
				if (by > than) values++
			}))
			return { values, most }
		}
		if (!compare(before, dark, 0).values) throw new Error('another theme changes nothing')
		return compare(before, after, 16) // edges are smoothed a little differently where they are cut off
	})()`)
	if got.Values > 0 {
		b.t.Errorf("%s: painted bit by bit and at once, %d values of pixels differ, by up to %.0f of 255", what, got.Values,
			got.Most)
	}
}

// work starts to count the processor time of the page's main thread, and returns the function that says how much it has
// taken, in ms.
func (b *tab) work() func() float64 {
	b.t.Helper()
	call(b, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	now := func() float64 {
		b.t.Helper()
		for _, m := range call(b, performance.GetMetrics, cdp.Empty{}).Metrics {
			if m.Name == "TaskDuration" {
				return m.Value * 1000
			}
		}
		b.t.Fatal("the browser does not say how long tasks took")
		return 0
	}
	before := now()
	return func() float64 { return now() - before }
}

// TestFrameTimes measures how long frames take, and how much of that the page's main thread works: on a busy machine
// the rest is waiting for a processor.
func TestFrameTimes(t *testing.T) {
	if !*measured {
		t.Skip("it measures: make frames")
	}
	report := func(t *testing.T, took []float64, worked float64) {
		t.Logf("%4d frames, %s; %4.1f ms of work in each", len(took), quantiles(took), worked/float64(len(took)))
	}
	for _, live := range []struct{ what, page, lab, settings string }{
		{"200 clients at wsgi, asgi and asgi-goroutines", "asgi.html", "crowd-asgi", ""},
		{"200 clients at blocking, threads and select", "blocking.html", "crowd",
			"servers=blocking,threads,select&clients=200&delay=50"},
		{"200 active and 800 silent at 2 servers", "epoll.html", "silent-many",
			"servers=poll,epoll&idle=800&active=200&seconds=3"},
		{"10000 lanes at 2 servers", "epoll.html", "silent-many", "servers=poll,epoll&idle=4900&active=100&seconds=3"},
		{"9950 lanes at 1 server", "epoll.html", "silent-many", "servers=epoll&idle=9900&active=50&seconds=3"},
		{"a room of 40 who talk", "websocket.html", "room", "talkers=40&messages=20"},
	} {
		t.Run(live.what, func(t *testing.T) {
			b, host, section := prepare(t), serve(t), `document.querySelector('#lab-`+live.lab+`')`
			b.enter(host.address + live.page + host.key)
			b.mayRun()
			if live.settings != "" {
				js[bool](b, `(location.hash = '#lab-`+live.lab+`?`+live.settings+`', true)`)
			}
			b.click(section + `.querySelector('.lab-guess button[type=button]')`)
			run := section + `.querySelector('.lab-go .lab-run')`
			b.until(run + `?.textContent.includes('Run')`)
			worked := b.work()
			took := js[[]float64](b, `(async () => {
				const section = `+section+`, took = [], frame = () => new Promise(requestAnimationFrame)
				`+run+`.click()
				while (section.dataset.state !== 'running' && section.dataset.state !== 'failed') await frame()
				for (let last = await frame(); section.dataset.state === 'running';) {
					const now = await frame()
					took.push(now - last)
					last = now
				}
				if (section.dataset.state !== 'done') throw new Error(section.querySelector('.lab-status').textContent)
				return took
			})()`)
			report(t, took, worked())
			b.until(section + `.querySelector('.lab-verdicts li')`)
		})
	}
	for _, marks := range []int{10_000, 1_000_000} {
		t.Run(fmt.Sprintf("a moment moves among %d marks", marks), func(t *testing.T) {
			b := replay(t, marks)
			b.scrubs(5)
			worked := b.work()
			took := b.scrubs(200)
			report(t, took, worked())
		})
	}
}
