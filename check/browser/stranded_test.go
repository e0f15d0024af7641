package browser

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/debugger"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/coder/websocket"

	"era/catalogue"
	"era/lab"
	"era/lab/process"
	"era/lab/recording"
	"era/lab/scenario"
)

const (
	status = `document.querySelector('section.lab .lab-status').textContent`
	how    = `document.querySelector('section.lab .lab-how')`
	runs   = `document.querySelector('` + runButton + `')`
)

// hint is what the page says in place of Run, and its buttons.
func (b *tab) hint() string {
	b.t.Helper()
	return js[string](b, how+`.querySelector('p').textContent + ' ' + [...`+how+`.querySelectorAll('button')].map(b => '['+b.textContent+']').join(' ')`)
}

// startRun has the first bench run, and waits until the lab of the stand has been asked.
func (b *tab) startRun(s *stand, count int32) {
	b.t.Helper()
	if js[bool](b, `!document.querySelector('section.lab .lab-guess').hidden`) {
		b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
	}
	b.press(runButton, kb.Enter)
	s.until(b, count)
}

func (s *stand) until(b *tab, count int32) {
	b.t.Helper()
	for s.runs.Load() < count { // the tab's own patience limits it
		if b.Err() != nil {
			b.t.Fatalf("%d runs were started, want %d", s.runs.Load(), count)
		}
		time.Sleep(time.Millisecond)
	}
}

// paste gives the page the link that serve printed.
func (b *tab) paste(link string) {
	b.t.Helper()
	js[bool](b, `[...`+how+`.querySelectorAll('button')].find(b => b.textContent === 'Paste the link').click() ?? true`)
	b.press(`section.lab .lab-how input`, link+kb.Enter)
}

// TestServeIsKilled: serve ends in the middle of a run and is started again, with another key. The page says what
// became of the run and what to do, keeps what it has, and goes on.
func TestServeIsKilled(t *testing.T) {
	b := open(t)
	b.expect("ERR_CONNECTION_REFUSED", "503 (Service Unavailable)", "lab/enter", "WebSocket connection to")
	s := newStand(t)
	s.hold, s.result = make(chan struct{}), canned
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	js[bool](b, `window.stays = true`)
	b.startRun(s, 1)
	s.stop()
	b.until(status + `.includes('This run was cut off.')`)
	b.until(how + `?.textContent.includes('serve does not answer')`)
	if said := b.hint(); !strings.Contains(said, "this page goes on by itself. [Try now]") {
		t.Errorf("without serve the page says %q", said)
	}
	b.audit("without serve")

	s = s.again(t)
	s.result = canned
	b.until(how + `?.textContent.includes('was started again') && era.live.plea`) // the hint is not made anew then
	b.paste("http://127.0.0.1/#key=wrong")
	b.until(how + `.querySelector('[role=alert]')?.textContent.includes('this key is wrong')`)
	b.audit("a wrong key")
	js[bool](b, `(document.querySelector('section.lab .lab-how input').value = '')  === ''`)
	b.press(`section.lab .lab-how input`, s.URL()+kb.Enter)
	b.until(runs)
	b.startRun(s, 1)
	b.until(`document.querySelector('section.lab').dataset.state === 'done'`)
	if !js[bool](b, `window.stays === true`) {
		t.Error("the page was loaded again")
	}
	b.clean("serve is killed")
}

// TestNetworkIsCut: bytes get lost in the middle of a run, and neither side learns of it. The page notices, although
// Stop is not answered, and goes on once there is a network again.
func TestNetworkIsCut(t *testing.T) {
	b := open(t)
	b.expect("ERR_", "WebSocket connection to")
	s := newStand(t)
	s.hold, s.result = make(chan struct{}), canned
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	b.startRun(s, 1)
	s.wire.set(true)
	b.press(runButton, kb.Enter) // Stop
	b.until(status + ` === 'serve does not answer. This run was cut off.'`)
	if said := b.hint(); !strings.Contains(said, "[Try now]") {
		t.Errorf("without a network the page says %q", said)
	}
	s.wire.set(false)
	b.press(`section.lab .lab-how button`, kb.Enter)
	b.until(runs)
	close(s.hold)
	b.startRun(s, 2)
	b.until(`document.querySelector('section.lab').dataset.state === 'done'`)
	b.clean("the network is cut")
}

// TestPageSleeps: the page sleeps, as a laptop does, while its run ends. It shows the result when it wakes up.
func TestPageSleeps(t *testing.T) {
	b := open(t)
	s := newStand(t)
	s.hold, s.result = make(chan struct{}), canned
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	b.startRun(s, 1)
	asleep := make(chan struct{}, 1)
	if err := chromedp.Listen(b, func(event any) {
		if _, is := event.(*debugger.EventPaused); is {
			asleep <- struct{}{}
		}
	}); err != nil {
		t.Fatal(err)
	}
	call(b, debugger.Enable, debugger.EnableParams{})
	call(b, debugger.Pause, cdp.Empty{})
	select {
	case <-asleep: // at its next tick
	case <-b.Done():
		t.Fatal("the page does not sleep")
	}
	close(s.hold)
	call(b, debugger.Resume, debugger.ResumeParams{})
	b.until(`document.querySelector('section.lab').dataset.state === 'done'`)
	b.clean("asleep")
}

// TestSecondTabRuns: a run waits while another tab runs, says so, and can be stopped.
func TestSecondTabRuns(t *testing.T) {
	s := newStand(t)
	s.hold, s.result = make(chan struct{}), canned
	one := open(t)
	one.enter(s.address + "blocking.html" + s.key)
	one.mayRun()
	two := one.another()
	two.visit(s.address + "blocking.html")
	two.mayRun()
	one.startRun(s, 1)
	two.startRun(s, 1)
	two.until(status + ` === 'waiting: another tab is running'`)
	two.press(runButton, kb.Enter)
	two.until(status + ` === 'Stopped.'`)
	two.press(runButton, kb.Enter)
	two.until(status + ` === 'waiting: another tab is running'`)
	close(s.hold)
	for _, b := range []*tab{one, two} {
		b.until(`document.querySelector('section.lab').dataset.state === 'done'`)
		b.clean("two tabs")
	}
}

// TestUsedKey: a second browser opens a link whose key was used. The page says so, and takes the next link.
func TestUsedKey(t *testing.T) {
	s := newStand(t)
	one, two := open(t), open(t)
	one.enter(s.address + "blocking.html" + s.key)
	one.mayRun()
	two.expect("403 (Forbidden)")
	two.enter(s.address + "blocking.html" + s.key)
	two.openBenches()
	two.until(how)
	if said := two.hint(); !strings.Contains(said, "The key in the link was used before") ||
		!strings.Contains(said, "[Paste the link]") {
		t.Errorf("with a used key the page says %q", said)
	}
	two.paste(s.URL())
	two.until(runs)
	two.clean("a used key")
}

// TestNoRoom: serve has as many connections as it takes. The page says so, and connects by itself once one ends.
func TestNoRoom(t *testing.T) {
	s := newStand(t)
	one := open(t)
	one.enter(s.address + "blocking.html" + s.key)
	one.mayRun()
	dial := func(right string) (*websocket.Conn, error) {
		c, _, err := websocket.Dial(one, "ws"+strings.TrimPrefix(s.address, "http")+"lab/live", &websocket.DialOptions{
			HTTPHeader:   http.Header{"Origin": {strings.TrimSuffix(s.address, "/")}},
			Subprotocols: []string{"era", "right." + right}})
		return c, err
	}
	var last *websocket.Conn
	right := ""
	for i := 0; ; i++ {
		if i%8 == 0 { // one right has no more
			right = js[string](one, `era.live.ask('share').then(({ token }) => token)`)
		}
		c, err := dial(right)
		if err != nil {
			break
		}
		last = c
		c.SetReadLimit(1 << 20)
		t.Cleanup(func() { c.CloseNow() })
		go func() {
			for { // answers pings, until the test ends
				if _, _, err := c.Read(one); err != nil {
					return
				}
			}
		}()
	}
	two := one.another()
	two.expect("WebSocket connection to")
	two.visit(s.address + "blocking.html")
	two.openBenches()
	two.until(how)
	if said := two.hint(); said != "serve has no room for another tab. Close one: this page goes on by itself. [Try now]" {
		t.Errorf("without room the page says %q", said)
	}
	last.CloseNow()
	two.until(runs)
	two.clean("no room")
}

// TestTwoBenches: an experiment that is started while another of the page runs ends that one, and each bench shows what
// became of its own.
func TestTwoBenches(t *testing.T) {
	b := open(t)
	s := newStand(t)
	s.hold, s.result = make(chan struct{}), canned
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	const second = `document.querySelectorAll('section.lab')[1]`
	b.startRun(s, 1)
	js[bool](b, `[...`+second+`.querySelectorAll('.lab-guess button')].at(-1).click() ?? true`)
	js[bool](b, second+`.querySelector('.lab-go .lab-run').click() ?? true`)
	b.until(status + ` === 'Stopped: another experiment of this page was started.'`)
	close(s.hold)
	b.until(second + `.dataset.state === 'done'`)
	if first := js[string](b, `document.querySelector('section.lab').dataset.state`); first != "failed" {
		t.Errorf("the first bench took the second one's end: %s", first)
	}
	b.clean("two benches")
}

// TestBuildIsShown: while a server is built, a bar shows how far it has come.
func TestBuildIsShown(t *testing.T) {
	b := open(t)
	s := newStand(t)
	step := make(chan lab.Building)
	s.result = func(e scenario.Experiment, w lab.Watcher) *recording.Recording {
		for at := range step {
			w.Building(at)
		}
		return canned(e, w)
	}
	b.enter(s.address + "blocking.html" + s.key)
	b.mayRun()
	b.startRun(s, 1)
	v, err := catalogue.Find("blocking")
	if err != nil {
		t.Fatal(err)
	}
	const bar = `document.querySelector('section.lab .lab-progress progress')`
	const far = `document.querySelector('section.lab .lab-progress').textContent`
	step <- lab.Building{Variant: v, Progress: process.Progress{Took: time.Second}}
	b.until(far + ` === '1 s' && ` + bar + `.position === -1`) // nothing is known of how long it takes
	step <- lab.Building{Variant: v, Progress: process.Progress{Done: 2, Of: 9, Took: 2 * time.Second}}
	b.until(far + ` === 'package 2 of 9, 2 s' && ` + bar + `.value === 0.2`)
	if said := js[string](b, status); said != "building Blocking · Go, the first time only …" {
		t.Errorf("while it builds the page says %q", said)
	}
	b.audit("a build")
	close(step)
	b.until(`document.querySelector('section.lab').dataset.state === 'done'`)
	if js[bool](b, `document.querySelector('section.lab .lab-progress').checkVisibility()`) {
		t.Error("the bar stays")
	}
	b.clean("a build")
}
