package browser

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"era/site"
)

// host is a plain host of files. It can be cut off, as by a network that is gone, and get other files.
type host struct {
	*httptest.Server
	files atomic.Pointer[string] // the folder
	cut   atomic.Bool
}

// newHost returns a host at the address, or at a free port.
func newHost(t *testing.T, files, below string, addr ...string) *host {
	t.Helper()
	h := &host{}
	h.files.Store(&files)
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.cut.Load() {
			panic(http.ErrAbortHandler)
		}
		r.Header.Del("If-Modified-Since") // two editions of a test may be of the same second
		http.FileServer(http.Dir(*h.files.Load())).ServeHTTP(w, r)
	})
	h.Server = httptest.NewUnstartedServer(http.StripPrefix(below, answer))
	for _, a := range addr {
		listener, err := net.Listen("tcp", a)
		if err != nil {
			t.Fatal(err)
		}
		h.Listener.Close()
		h.Listener = listener
	}
	h.Start()
	t.Cleanup(h.Close)
	return h
}

// edition builds a small book with the word in its chapter, and returns the folder of the site.
func edition(t *testing.T, word string) string {
	t.Helper()
	dir, out := t.TempDir(), t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "static"), os.DirFS(filepath.Join(root, "static"))); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"content/index.md": "---\ntitle: T\n---\n\nWelcome.\n",
		"runnable/a.go":        "package a\n",
		"content/one/index.md": "---\ntitle: One\norder: 1\n---\n\n## A word\n\nThe word is " + word + ".\n"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := site.New(os.DirFS(dir), site.Options{}).Build(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	return out
}

const keptNote = `[...document.querySelectorAll('.colophon [role=status]')].some(note => note.textContent.includes('without a network'))`

// kept visits a page and waits until the book is kept.
func (b *tab) kept(url string) {
	b.t.Helper()
	b.visit(url)
	b.until(keptNote + ` && navigator.serviceWorker.controller`)
}

// word returns the word that the chapter of an edition shows.
func (b *tab) word() string {
	b.t.Helper()
	_, word, _ := strings.Cut(js[string](b, `document.querySelector('main').textContent`), "The word is ")
	return strings.SplitN(word, ".", 2)[0]
}

// reloads waits until an expression is true in a page that is being reloaded.
func (b *tab) reloads(expression string) {
	b.t.Helper()
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if is, err := chromedp.Run(b, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && is {
			return
		}
	}
	b.t.Fatalf("waiting for %s\non the page: %s", expression, b.trouble())
}

// update makes the browser look for a new edition, and returns the state that its worker reaches.
func (b *tab) update() string {
	b.t.Helper()
	return js[string](b, `new Promise(async done => {
		const registration = await navigator.serviceWorker.getRegistration()
		registration.addEventListener('updatefound', () => {
			const worker = registration.installing
			worker.addEventListener('statechange', () => { if (worker.state !== 'installing') done(worker.state) })
		})
		await registration.update().catch(error => done(String(error)))
	})`)
}

// TestOffline reads the whole book with the network cut: every page with its style, every recorded run, every source.
func TestOffline(t *testing.T) {
	dir, err := export()
	if err != nil {
		t.Fatal(err)
	}
	b := open(t)
	const below = "/some/where/"
	h := newHost(t, dir, below)
	base := h.URL + below
	b.kept(base + "index.html")
	h.cut.Store(true)
	for _, page := range append(pages(t), "clauses.html", "", "select") {
		b.visit(base + page)
		if !js[bool](b, `document.querySelector('h1').checkVisibility() && getComputedStyle(document.body).margin === '0px'`) {
			t.Errorf("%s: no heading, or no style", page)
		}
		b.openBenches()
		if n := js[int](b, `document.querySelectorAll('section.lab[data-lab]:not([data-state=recorded])').length`); n > 0 {
			t.Errorf("%s: %d experiments without their run", page, n)
		}
	}
	list, err := os.ReadFile(filepath.Join(dir, "sw.js"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(string(list), "self.files="), ";\n")
	var files map[string]string
	if err := json.Unmarshal([]byte(first), &files); err != nil {
		t.Fatal(err)
	}
	got := js[int](b, fmt.Sprintf(`(async () => {
		let all = 0
		for (const name of Object.keys(%s)) if ((await fetch(%q + name)).ok) all++
		return all
	})()`, first, base))
	if got != len(files) || got < 500 {
		t.Errorf("%d of %d files can be had", got, len(files))
	}
	b.clean("offline")
}

// TestNewEdition: a new edition is offered, in every tab, and comes when the reader asks for it.
func TestNewEdition(t *testing.T) {
	b := open(t)
	first, second := edition(t, "first"), edition(t, "second")
	h := newHost(t, first, "")
	b.kept(h.URL + "/one.html")
	other := b.another()
	other.kept(h.URL + "/one.html")

	h.files.Store(&second)
	js[bool](b, `(globalThis.mark = true)`)
	if state := b.update(); state != "installed" {
		t.Fatalf("the worker of the new edition is %s", state)
	}
	const offer = `document.querySelector('.edition')`
	b.until(offer)
	if word := b.word(); word != "first" || !js[bool](b, `globalThis.mark === true`) {
		t.Errorf("the page changes by itself, to %q", word)
	}
	js[bool](b, `(`+offer+`.querySelectorAll('button')[1].click(), true)`)
	if js[bool](b, `!!`+offer) {
		t.Error("the offer stays after Later")
	}
	b.visit(h.URL + "/one.html")
	if word := b.word(); word != "first" {
		t.Errorf("after Later the next page is of the %s edition", word)
	}
	b.until(offer)
	js[bool](b, `(`+offer+`.querySelector('button').click(), true)`)
	b.reloads(`document.querySelector('main')?.textContent.includes('The word is second')`)

	other.until(offer + `?.textContent.includes('another tab')`)
	if word := other.word(); word != "first" {
		t.Errorf("the other tab changes by itself, to %q", word)
	}
	js[bool](other, `(`+offer+`.querySelector('button').click(), true)`)
	other.reloads(`document.querySelector('main')?.textContent.includes('The word is second')`)

	h.cut.Store(true)
	b.visit(h.URL + "/one")
	if word := b.word(); word != "second" {
		t.Errorf("without a network the page is of the %s edition", word)
	}
	b.clean("new edition")
	other.clean("new edition, other tab")
}

// TestBrokenEdition: an edition that has not come whole does not take the place of the one that is kept. When the host
// is mended, it does.
func TestBrokenEdition(t *testing.T) {
	b := open(t)
	first, second := edition(t, "first"), edition(t, "second")
	whole, err := os.ReadFile(filepath.Join(second, "one.html"))
	if err != nil {
		t.Fatal(err)
	}
	for what, broken := range map[string][]byte{"cut": whole[:len(whole)/2],
		"changed by the host": append([]byte("<!-- a host's -->"), whole...)} {
		h := newHost(t, first, "")
		b.kept(h.URL + "/one.html")
		if err := os.WriteFile(filepath.Join(second, "one.html"), broken, 0o644); err != nil {
			t.Fatal(err)
		}
		h.files.Store(&second)
		if state := b.update(); state != "redundant" {
			t.Errorf("%s: the worker is %s", what, state)
		}
		h.cut.Store(true)
		b.visit(h.URL + "/one.html")
		if word := b.word(); word != "first" {
			t.Errorf("%s: the page is of the %q edition", what, word)
		}
		h.cut.Store(false)
		if err := os.WriteFile(filepath.Join(second, "one.html"), whole, 0o644); err != nil {
			t.Fatal(err)
		}
		if state := b.update(); state != "installed" {
			t.Errorf("%s: mended, the worker is %s", what, state)
		}
	}
}

// TestServeTakesOver: where a kept site was, serve shows its own pages, and nothing of that site is left.
func TestServeTakesOver(t *testing.T) {
	b := open(t)
	h := newHost(t, edition(t, "first"), "")
	b.kept(h.URL + "/one.html")
	h.Close()
	s := newStandAt(t, strings.TrimPrefix(h.URL, "http://"))
	b.visit(s.address + "index.html" + s.key) // the kept page, until the browser has asked for its worker
	b.reloads(`document.querySelector('meta[name=era-lab]') && !location.hash`)
	b.reloads(`era.live.state === 'may'`)
	b.visit(s.address + "blocking.html")
	got := js[string](b, `Promise.all([navigator.serviceWorker.getRegistrations(), caches.keys()]).then(all => all.map(some => some.length).join())`)
	if got != "0,0" || js[bool](b, `!!document.querySelector('link[rel=manifest]')`) {
		t.Errorf("workers and caches that are left: %s", got)
	}
	b.clean("serve takes over")
}

// TestNothingIsKept: pages from disk, and those of serve, ask for no worker and no manifest.
func TestNothingIsKept(t *testing.T) {
	s := newStand(t)
	for name, base := range map[string]string{"from disk": exported(t), "from serve": s.address} {
		b := open(t)
		b.visit(base + "recap.html")
		b.until(`document.readyState === 'complete'`)
		b.openBenches()
		if left := js[string](b, `[...document.querySelectorAll('link[rel=manifest], .colophon [role=status]')].map(e => e.outerHTML).join()`); left != "" {
			t.Errorf("%s: %s", name, left)
		}
		for _, url := range b.urls() {
			if strings.Contains(url, "sw.js") || strings.Contains(url, "manifest") {
				t.Errorf("%s: the page asks for %s", name, url)
			}
		}
		b.clean(name)
	}
}

// TestFrames: of a built site without headers, and of serve, only the pages of experiments can be shown in a frame, by
// whatever page. They replay their run, and their links lead out of the frame.
func TestFrames(t *testing.T) {
	dir, err := export()
	if err != nil {
		t.Fatal(err)
	}
	parent := func(page string) string {
		return `<!DOCTYPE html><title>parent</title><link rel="icon" href="data:,"><iframe src="` + page + `" width="1000" height="900"></iframe>`
	}
	h := newHost(t, dir, "")
	mux := http.NewServeMux()
	mux.HandleFunc("/parent", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, parent(r.URL.Query().Get("page")))
	})
	mux.Handle("/", h.Config.Handler)
	h.Config.Handler = mux
	b := open(t)
	b.visit(h.URL + "/parent?page=blocking.html")
	b.until(`frames[0]?.document.body?.children.length === 1 && !frames[0].document.documentElement.hidden`)
	got := js[string](b, `(() => {
		const { target, pathname, textContent } = frames[0].document.body.firstChild
		return target + ' ' + pathname + ' ' + textContent
	})()`)
	if !strings.HasPrefix(got, "_blank /blocking.html Blocking") {
		t.Errorf("a chapter in a frame shows %q", got)
	}
	b.visit(h.URL + "/parent?page=lab/one-slow.html")
	b.until(`frames[0]?.document.querySelector('section.lab .lab-canvas')`)
	if !js[bool](b, `frames[0].document.querySelector('section.lab').dataset.state === 'recorded' && !frames[0].document.querySelector('.lab-go .lab-run')`) {
		t.Error("the experiment in a frame is not its recorded run, or can be run")
	}
	link := js[string](b, `(() => {
		const frame = frames[0].document, link = frame.querySelector('.signs a, .lab a[href^="../"], .colophon a')
		frame.addEventListener('click', event => event.preventDefault())
		link.click()
		return link.target
	})()`)
	if link != "_blank" {
		t.Errorf("a link in the frame leads to %q", link)
	}
	b.clean("frames of a built site")

	s := newStand(t)
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, parent(s.address+strings.TrimPrefix(r.URL.Path, "/")))
	}))
	t.Cleanup(stranger.Close)
	b.visit(stranger.URL + "/lab/one-slow.html")
	for !strings.Contains(strings.Join(b.urls(), " "), s.address+"recordings/one-slow.js") {
		b.until(`document.readyState === 'complete'`) // the frame's own requests tell that its scripts run
	}
	b.clean("a frame of serve")
	c := open(t)
	c.expect("frame-ancestors", "403", "ERR_BLOCKED")
	c.visit(stranger.URL + "/blocking.html")
	c.until(`document.readyState === 'complete'`)
	for _, url := range c.urls() {
		if strings.Contains(url, "/static/") {
			t.Errorf("a chapter of serve is shown in a frame: it asks for %s", url)
		}
	}
	c.clean("a chapter of serve in a frame")
	if n := s.runs.Load(); n != 0 {
		t.Errorf("%d runs were started from frames", n)
	}
}
