package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

const (
	runButton = `section.lab .lab-go .lab-run`
	codeShown = `document.querySelector('section.lab .lab-typed')`
)

// mayRun waits until the tab says that it may run.
func (b *tab) mayRun() {
	b.t.Helper()
	b.openBenches()
	b.until(`document.querySelector('` + runButton + `')`)
}

// bomb is a stranger's page on another port of this machine: it sets as many cookies as the browser takes, and reports
// how large they are when they come back.
const bomb = `<!DOCTYPE html><title>nice page</title><script>
for (let i = 0; i < 180; i++) document.cookie = 'c' + i + '=' + 'x'.repeat(4090) + '; path=/'
for (const name of ['run_%s', 'right', 'era right', 'token']) document.cookie = name + '=x; path=/lab'
</script>`

// TestOtherPort: a page on another port of this machine gets nothing of ours with its own requests, and whatever
// cookies it sets, the pages are answered and the right stays.
func TestOtherPort(t *testing.T) {
	victim := newStand(t)
	port := strings.Trim(victim.address[strings.LastIndexByte(victim.address, ':')+1:], "/")
	var mu sync.Mutex
	var cookies []string
	stranger := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		cookies = append(cookies, r.Header.Get("Cookie"))
		mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, bomb, port)
	}))
	stranger.Config.MaxHeaderBytes = 2 << 20
	stranger.Start()
	t.Cleanup(stranger.Close)
	b := open(t)
	b.enter(victim.address + "blocking.html" + victim.key)
	b.mayRun()
	b.visit(stranger.URL)
	mu.Lock()
	if first := cookies[0]; first != "" {
		t.Errorf("a page on another port is sent the cookies %.200q", first)
	}
	mu.Unlock()
	if size := js[int](b, `document.cookie.length`); size < 500_000 {
		t.Fatalf("the browser keeps %d bytes of cookies: too few to prove anything", size)
	}
	b.visit(victim.address + "blocking.html")
	if status := js[int](b, `fetch('blocking.html').then(r => r.status)`); status != http.StatusOK {
		t.Errorf("with that many cookies: status %d", status)
	}
	b.mayRun()
	if js[bool](b, `!document.querySelector('section.lab .lab-guess').hidden`) {
		b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
	}
	b.press(runButton, kb.Enter)
	b.until(`['done', 'failed'].includes(document.querySelector('section.lab').dataset.state)`)
	if n := victim.runs.Load(); n != 1 {
		t.Errorf("%d runs, want 1", n)
	}
}

// TestTabsOfOneBrowser: a tab that is opened beside one that may run may run as well; either can end the other's right,
// which is not granted again automatically.
func TestTabsOfOneBrowser(t *testing.T) {
	host := newStand(t)
	host.Typed(true)
	one := open(t)
	one.enter(host.address + "blocking.html" + host.key)
	one.mayRun()
	two := one.another()
	two.visit(host.address + "select.html")
	two.mayRun()
	if kept := js[[]string](two, `[JSON.parse(sessionStorage.getItem('era right')).token, document.cookie]`); kept[0] == js[string](one,
		`JSON.parse(sessionStorage.getItem('era right')).token`) || kept[1] != "" {
		t.Errorf("the second tab has the first one's right, or the cookies %q", kept[1])
	}
	one.openSetup()
	one.press(`section.lab .lab-rights summary`, kb.Enter)
	const list = `[...document.querySelector('section.lab .lab-rights').querySelectorAll('li')]`
	one.until(list + `.length === 2`)
	if said := js[string](one, `document.querySelector('section.lab .lab-rights').textContent`); !strings.Contains(said, "so may one other") ||
		!strings.Contains(said, "select.html") || !strings.Contains(said, "This tab") {
		t.Errorf("the list says %q", said)
	}
	one.audit("the list of tabs")
	one.checkTree("the list of tabs")
	one.press(`section.lab .lab-rights li [aria-label="End the right of select.html"]`, kb.Enter)
	one.until(list + `.length === 1`)
	if at := js[string](one, `document.activeElement.localName`); at != "summary" {
		t.Errorf("after End the focus is on %s, want the summary of the list", at)
	}
	two.until(codeShown)
	if state := js[string](two, `era.live.status()`); state != "ended" {
		t.Errorf("the tab whose right was ended is in the state %q", state)
	}
	two.visit(host.address + "select.html")
	two.openBenches()
	two.until(codeShown) // and does not get a new one from the first tab
	host.Command(js[string](two, codeShown+`.textContent`))
	two.until(`document.querySelector('` + runButton + `')`)
	three := one.another()
	for _, page := range []string{"select.html", "callbacks.html"} {
		three.visit(host.address + page)
		three.until(`era.live.tabs === 3`)
		if said := host.Command("tabs"); !strings.Contains(said, "  4  "+page) {
			t.Errorf("the tab of %s has no entry in the terminal's list:\n%s", page, said)
		}
	}
	for _, b := range []*tab{one, two, three} {
		b.clean("tabs of one browser")
	}
}

// TestRestart: a page whose serve was restarted shows a code, and continues when the code was typed in the terminal:
// the page keeps its content. Another tab that waits continues with it, or with a tab that opens the new link.
func TestRestart(t *testing.T) {
	host := newStand(t)
	one := open(t)
	// while serve stops or is gone, the page asks for it
	gone := []string{"ERR_CONNECTION_REFUSED", "503 (Service Unavailable)", "lab/share"}
	one.expect(gone...)
	one.enter(host.address + "blocking.html" + host.key)
	one.mayRun()
	two := one.another()
	two.expect(gone...)
	two.visit(host.address + "blocking.html")
	two.mayRun()
	if js[bool](one, `!document.querySelector('section.lab .lab-guess').hidden`) {
		one.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
	}
	one.until(`document.querySelector('section.lab .lab-results')`) // the film is over
	const knob = `document.querySelector('section.lab .lab-knob input')`
	const left = `JSON.stringify([` + knob + `.value, scrollY, document.querySelector('section.lab .lab-results')?.textContent, document.querySelector('section.lab').dataset.state])`
	one.openSetup()
	js[bool](one, `(() => { window.stays = true; `+knob+`.value = 7; `+knob+`.dispatchEvent(new Event('input')); scrollTo(0, 500); return true })()`)
	before := js[string](one, left)

	host = host.again(t)
	for _, b := range []*tab{one, two} {
		b.until(`document.querySelector('section.lab .lab-how')?.textContent.includes('was started again')`)
		if js[bool](b, `!!`+codeShown) {
			t.Error("a code is shown, but it cannot be typed")
		}
	}
	third := one.another()
	third.enter(host.address + "select.html" + host.key)
	for _, b := range []*tab{one, two} {
		b.until(`document.querySelector('` + runButton + `')`)
	}

	host.stop()
	host = newStandAt(t, strings.Trim(strings.TrimPrefix(host.address, "http://"), "/"))
	host.result = canned
	host.Typed(true)
	one.until(codeShown)
	for _, width := range []int64{390, 1280} {
		for _, theme := range []string{"light", "dark"} {
			call(two, emulation.SetDeviceMetricsOverride,
				emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 500})
			scheme := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}
			call(two, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: scheme})
			two.until(codeShown)
			two.audit(fmt.Sprintf("a code, %s, %d px", theme, width))
		}
	}
	if said := host.Command(js[string](one, codeShown+`.textContent`)); !strings.Contains(said, "blocking.html") {
		t.Errorf("the terminal says %q", said)
	}
	for _, b := range []*tab{one, two} {
		b.until(`document.querySelector('` + runButton + `')`)
	}
	if after := js[string](one, left); after != before || !js[bool](one, `window.stays === true`) {
		t.Errorf("after the restart the page has %s, before %s", after, before)
	}
	one.press(runButton, kb.Enter)
	one.until(`['done', 'failed'].includes(document.querySelector('section.lab').dataset.state)`)
	if n := host.runs.Load(); n != 1 {
		t.Errorf("%d runs, want 1", n)
	}
	one.clean("restart")
	two.clean("restart")
}

// TestCodeForAnotherBrowser: a browser without the link gets its right by a code that it shows. While codes cannot be
// typed, it says why there is none.
func TestCodeForAnotherBrowser(t *testing.T) {
	host := newStand(t)
	b := open(t)
	b.visit(host.address + "blocking.html")
	b.openBenches()
	b.press(`section.lab .lab-how button`, kb.Enter)
	b.until(`document.querySelector('section.lab .lab-how').textContent.includes('in the foreground')`)
	host.Typed(true)
	b.until(codeShown)
	host.Command(js[string](b, codeShown+`.textContent`))
	b.until(`document.querySelector('` + runButton + `')`)
	b.clean("a code")
}
