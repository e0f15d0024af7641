package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// window sets the size of the window, and what the reader's system asks for: "prefers-color-scheme=dark", or a medium.
// It asks for little motion, unless a wish says otherwise.
func (b *tab) window(width, height int64, wishes ...string) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500,
	})
	media := emulation.SetEmulatedMediaParams{}
	for _, wish := range append([]string{"prefers-reduced-motion=reduce"}, wishes...) { // the last of a name counts
		if name, value, is := strings.Cut(wish, "="); is {
			media.Features = append(media.Features, &emulation.MediaFeature{Name: name, Value: value})
		} else {
			media.Media = wish
		}
	}
	call(b, emulation.SetEmulatedMedia, media)
}

// focusPlace is the element that has the focus, in a line.
const focusPlace = `((e = document.activeElement) => (e.closest('section.lab') ? 'lab ' : '') + e.tagName + ' ' +
	e.textContent.trim().replace(/\s+/g, ' '))()`

// arrive waits until the tab shows another page, and there something is true. While it leaves, nothing can be asked.
func (b *tab) arrive(page, expression string) {
	b.t.Helper()
	for {
		there, err := chromedp.Run(b, chromedp.Evaluate[bool](
			`location.pathname.endsWith(`+quote("/"+page)+`) && !!(`+expression+`)`))
		if err == nil && there {
			return
		}
		if b.Err() != nil {
			b.t.Fatalf("waiting for %s: %v", page, err)
		}
		time.Sleep(time.Millisecond)
	}
}

// TestWay: at every width, in the middle of a chapter, its place and the chapters beside it have names in the window.
func TestWay(t *testing.T) {
	b := open(t)
	base := exported(t)
	for _, width := range []int64{390, 640, 1024, 1280, 1920} {
		b.window(width, 844)
		b.visit(base + "select.html")
		got := js[[]string](b, `(() => {
			scrollTo(0, document.documentElement.scrollHeight / 2)
			const inWindow = e => { const r = e.getBoundingClientRect(); return e.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)) }
			return [...document.querySelectorAll('.way > a')].filter(inWindow).map(e => e.innerText.replace(/\s+/g, ' ').trim())
		})()`)
		here := "Contents. Here: 3 select and the multiplexer"
		if width > 768 {
			here += " 1983" // and when in the story
		}
		want := []string{"← Before: Non-blocking sockets", here, "→ Next: poll, epoll and kqueue"}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d px: in the middle of the chapter there are %q, want %q", width, got, want)
		}
	}
	b.clean("ways")
}

// TestArrows turn pages, and only while nothing else has the focus.
func TestArrows(t *testing.T) {
	b := open(t)
	b.window(1280, 800)
	b.visit(exported(t) + "select.html")
	b.press(".walk .step-number", kb.ArrowRight)
	b.press(".walk [role=tab]", kb.ArrowRight)
	b.press(".book", kb.ArrowRight)
	b.do(chromedp.KeyEvent(kb.ArrowLeft, chromedp.KeyModifiers(1))) // Alt: the browser's own key for the page before
	if at := js[string](b, `location.pathname`); !strings.HasSuffix(at, "select.html") {
		t.Fatalf("a key for something else led to %s", at)
	}
	for _, step := range []struct{ key, to string }{
		{kb.ArrowRight, "epoll.html"}, {kb.ArrowLeft, "select.html"}, {kb.ArrowLeft, "nonblocking.html"},
	} {
		js[bool](b, `(() => { document.activeElement.blur(); return true })()`)
		b.do(chromedp.KeyEvent(step.key))
		b.arrive(step.to, `document.querySelector('.turn[aria-keyshortcuts]')`)
	}
	b.clean("arrows")
}

// TestStops counts how often Tab is pressed from the top of a chapter to its first experiment, on the short way and by
// the list at the chapter's head; and that a walk has few stops however many steps it has.
func TestStops(t *testing.T) {
	b := open(t)
	base := exported(t)
	b.window(1280, 800)
	for _, page := range pages(t) {
		if !hasLabs(t, page) {
			continue
		}
		b.visit(base + page)
		var way []string
		for len(way) < 20 && (len(way) == 0 || !strings.HasPrefix(way[len(way)-1], "lab ")) {
			b.do(chromedp.KeyEvent(kb.Tab))
			way = append(way, js[string](b, focusPlace))
			if strings.HasSuffix(way[len(way)-1], "Skip to the experiments") {
				b.do(chromedp.KeyEvent(kb.Enter))
				b.until(`location.hash.startsWith('#lab-')`)
			}
		}
		if len(way) > 3 {
			t.Errorf("%s: %d stops to the first experiment: %q", page, len(way), way)
		}
		b.visit(base + page)
		for way = nil; len(way) < 20 && !js[bool](b, `document.activeElement.matches('.todo a')`); {
			b.do(chromedp.KeyEvent(kb.Tab))
			way = append(way, js[string](b, focusPlace))
		}
		b.do(chromedp.KeyEvent(kb.Enter))
		b.until(`document.querySelector('section.lab').matches(':target')`)
		b.do(chromedp.KeyEvent(kb.Tab))
		if at := js[string](b, focusPlace); !strings.HasPrefix(at, "lab ") || len(way) > 10 {
			t.Errorf("%s: after %q the focus is on %q", page, way, at)
		}
		for _, stops := range js[[]string](b, `[...document.querySelectorAll('.walk')].map(walk => [...walk.querySelectorAll('a,button,[tabindex]')]
			.filter(e => e.tabIndex >= 0 && e.checkVisibility() && !e.closest('.say p:not(.spots)')).length + ' stops in ' + walk.id).filter(text => parseInt(text) > 5)`) {
			t.Errorf("%s: %s", page, stops)
		}
	}
	b.clean("stops")
}

// TestNarrowWindow: in the window that a page has at 200 % and 400 %, nothing that sticks covers the text, and listings
// use the width that there is.
func TestNarrowWindow(t *testing.T) {
	b := open(t)
	base := exported(t)
	for _, size := range [][2]int64{{640, 400}, {320, 256}, {800, 600}, {1024, 768}} {
		b.window(size[0], size[1])
		for _, page := range []string{"index.html", "blocking.html", "coroutines.html", "source/select/main.go.html",
			"404.html", "clauses.html", "contents.html"} {
			where := fmt.Sprintf("%s, %d by %d px", page, size[0], size[1])
			b.visit(base + page)
			b.audit(where)
			widest := js[int](b, `Math.max(0, ...[...document.querySelectorAll('.walk:not(.bare) .panes')].map(e => e.offsetWidth))`)
			if strings.HasPrefix(page, "blocking") && widest < min(int(size[0])*85/100, 560) {
				t.Errorf("%s: the listing is %d px wide", where, widest)
			}
		}
	}
	b.clean("narrow windows")
}

// TestStepsInARow: on a phone the steps lie below the listing, and the one that is swept to is lit.
func TestStepsInARow(t *testing.T) {
	b := open(t)
	b.window(390, 844)
	b.visit(exported(t) + "select.html")
	js[bool](b, `(() => { const row = document.querySelector('.walk .steps'); row.scrollLeft = row.scrollWidth; return true })()`)
	b.until(`document.querySelector('.walk .step:last-child').matches('.now') && document.querySelector('.walk .lit')`)
	b.press(".walk .step:last-child .step-number", kb.Home)
	b.until(`document.querySelector('.walk .step').matches('.now') && document.querySelector('.walk .steps').scrollLeft === 0`)
	if !js[bool](b, `(() => { const [a, b] = ['.panes', '.steps'].map(s => document.querySelector('.walk ' + s).getBoundingClientRect()); return a.bottom <= b.top + 1 })()`) {
		t.Error("the listing covers its steps")
	}
	b.clean("steps in a row")
}
