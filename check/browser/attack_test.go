package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestRebinding: a stranger's name that suddenly points to this machine gets only a refusal, although the browser takes
// the page for the stranger's own.
func TestRebinding(t *testing.T) {
	b := open(t)
	host := serve(t)
	b.expect("421")
	b.expect("Cross-Origin-Opener-Policy header has been ignored") // under the stranger's name, all else holds
	evil := strings.Replace(host.address, "127.0.0.1", "evil.test", 1)
	for _, path := range []string{"", "blocking.html", "lab/live", "lab/enter", "static/lab.js"} {
		response, err := chromedp.Run(b, chromedp.NavigateResponse(evil+path))
		if err != nil {
			t.Fatal(err)
		}
		if response.Status != http.StatusMisdirectedRequest {
			t.Errorf("%s: status %d, want 421", evil+path, response.Status)
		}
		if page := js[string](b, `document.body.innerText`); !strings.Contains(page, "no such host here") ||
			strings.Contains(page, "Asynchrony") {
			t.Errorf("%s: the page says %q", evil+path, page)
		}
	}
	// Within that page everything is of one origin, so that only the name shows the attack.
	b.expect("WebSocket connection to")
	got := js[[]any](b, `Promise.all([
		fetch('/').then(r => r.status),
		fetch('/lab/enter', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Era': '1' }, body: '{"key":"x"}' }).then(r => r.status),
		new Promise(done => { const s = new WebSocket('ws://' + location.host + '/lab/live'); s.onopen = () => done('open'); s.onerror = () => done('refused') }),
	])`)
	if fmt.Sprint(got) != "[421 421 refused]" {
		t.Errorf("from the rebound page: %v, want only refusals", got)
	}
	b.clean("rebinding")
}

// attack is a stranger's page. It tries everything that a page can try against another, and reports what it could read.
const attack = `<!DOCTYPE html><title>nice page</title><body><script>
const target = %q, request = JSON.stringify({ type: 'run', servers: ['blocking', 'select'], scenario: 'one-slow', settings: {}, seed: 1 })
const host = target.slice('http://'.length)
const heard = []
const wait = (what, set) => new Promise(done => {
	const timer = setTimeout(() => done(what + ': nothing'), 3000)
	set(result => { clearTimeout(timer); if (result !== 'refused') heard.push(what + ': ' + result); done() })
})
const add = (tag, props, parent = document.body) => { const e = Object.assign(document.createElement(tag), props); parent.append(e); return e }
const result = Promise.all([
	wait('websocket', done => {
		const s = new WebSocket('ws://' + host + 'lab/live')
		s.onopen = () => { s.send(request); done('open') }
		s.onerror = () => done('refused')
	}),
	wait('fetch', done => fetch(target + 'lab/live', { credentials: 'include' }).then(r => r.text()).then(text => done('read ' + text), () => done('refused'))),
	wait('post', done => fetch(target + 'lab/enter', { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json', 'X-Era': '1' }, body: request }).then(r => done('status ' + r.status), () => done('refused'))),
	wait('simple post', done => fetch(target + 'lab/live', { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'Content-Type': 'text/plain' }, body: request }).then(r => done(r.type === 'opaque' ? 'refused' : r.type), () => done('refused'))),
	wait('script', done => add('script', { src: target + 'static/page.js', onload: () => done('loaded'), onerror: () => done('refused') })),
	wait('image', done => add('img', { src: target + 'static/icon.svg', onload: () => done('loaded'), onerror: () => done('refused') })),
	wait('frame', done => add('iframe', { src: target + 'blocking.html', onload: e => {
		try { done(e.target.contentWindow.length >= 0 && e.target.contentDocument ? 'read' : 'refused') } catch { done('refused') }
	} })),
	wait('form', done => {
		const frame = add('iframe', { name: 'out' }), form = add('form', { method: 'POST', action: target + 'lab/enter', target: 'out', enctype: 'text/plain' })
		add('input', { name: request, value: '' }, form)
		frame.onload = () => { try { done(frame.contentDocument && frame.contentDocument.URL !== 'about:blank' ? 'read' : 'refused') } catch { done('refused') } }
		form.submit()
	}),
	wait('events', done => { const s = new EventSource(target + 'lab/live', { withCredentials: true }); s.onopen = () => done('open'); s.onerror = () => { s.close(); done('refused') } }),
	wait('beacon', done => { navigator.sendBeacon(target + 'lab/live', request); done('refused') }),
	wait('window', done => {
		const w = open(target + 'blocking.html')
		setTimeout(() => { try { done(w && w.document.title ? 'read ' + w.document.title : 'refused') } catch { done('refused') } }, 500)
	}),
]).then(() => heard)
</script>`

// TestStranger: pages of others, on another port of this machine and under another name, in a browser that has the
// right to run, can neither start nor read anything.
func TestStranger(t *testing.T) {
	for _, name := range []string{"127.0.0.1", "localhost", "evil.test"} {
		t.Run(name, func(t *testing.T) {
			victim := newStand(t)
			stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				fmt.Fprintf(w, attack, victim.address)
			}))
			t.Cleanup(stranger.Close)
			b := open(t)
			b.enter(victim.address + victim.key)
			if state := js[string](b, `era.live.status()`); state != "may" {
				t.Fatal("the browser has no right to run, so that refusals would prove nothing")
			}
			b.visit(strings.Replace(stranger.URL, "127.0.0.1", name, 1))
			if heard := js[[]string](b, `result`); len(heard) > 0 {
				t.Errorf("the stranger succeeds: %v", heard)
			}
			if n := victim.runs.Load(); n != 0 {
				t.Errorf("the stranger started %d runs", n)
			}
			// The same request from the page itself is allowed.
			b.visit(victim.address)
			js[bool](b, `new Promise(done => {
				const s = new WebSocket('ws://' + location.host + '/lab/live', ['era', 'right.' + JSON.parse(sessionStorage.getItem('era right')).token])
				s.onopen = () => s.send(JSON.stringify({ type: 'run', servers: ['blocking', 'select'], scenario: 'one-slow', settings: {}, seed: 1 }))
				s.onmessage = event => { if (['done', 'error'].includes(JSON.parse(event.data).type)) done(true) }
				s.onerror = s.onclose = () => done(false)
			})`)
			if n := victim.runs.Load(); n != 1 {
				t.Errorf("the page itself started %d runs, want 1", n)
			}
		})
	}
}
