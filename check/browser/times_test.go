package browser

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
)

// These tests measure, and are run for that only: a test that asserts a time fails on a busy machine.
var times = flag.Bool("times", false, "TestSearchTimes and TestFirstPaint measure")

// quantiles says how numbers of milliseconds are spread. It sorts them.
func quantiles(took []float64) string {
	slices.Sort(took)
	at := func(p float64) float64 { return took[int(p*float64(len(took)-1))] }
	return fmt.Sprintf("p50 %5.1f ms, p95 %5.1f, p99 %5.1f, max %5.1f", at(0.5), at(0.95), at(0.99), at(1))
}

// slower makes the page's processor so many times slower.
func (b *tab) slower(times float64) {
	b.t.Helper()
	call(b, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times})
}

// What readers type: terms, names in code, whole questions, and words that are mistyped.
var typed = []string{"accept", "backlog queue", "the head of line", "sys.Accept", "loop.sock_accept",
	"non-blocking sockets",
	"how many threads does a server need", "what is a coroutine", "corutine", "goruotine", "edge triggerd", "eventloop",
	"C0.2", "gunicorn", "xylophone"}

// TestSearchTimes measures how long a page works on each keystroke in the search, up to the layout of what it found
// with its sentences.
func TestSearchTimes(t *testing.T) {
	if !*times {
		t.Skip("it measures: make times")
	}
	words, err := json.Marshal(typed)
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []float64{1, 4} {
		b := open(t)
		b.window(1280, 800)
		b.visit(exported(t) + "select.html")
		b.look("accept")
		b.found("accept")
		b.slower(rate)
		took := js[[]float64](b, `(async () => {
			const field = document.querySelector(`+quote(searchField)+`), list = document.querySelector('.search-list')
			const frame = () => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve))), took = []
			for (const again of [false, true]) { // the first time it loads the texts of chapters
				for (const words of `+string(words)+`) {
					for (let n = 1; n <= words.length; n++) {
						field.value = words.slice(0, n)
						const begun = performance.now()
						field.dispatchEvent(new Event('input', { bubbles: true }))
						list.offsetHeight
						if (again) took.push(performance.now() - begun)
						await frame()
					}
				}
			}
			return took
		})()`)
		t.Logf("processor %.0f× slower: %d keystrokes, %s", rate, len(took), quantiles(took))
		b.clean("search")
	}
}

// TestFirstPaint measures when a phone with a slow connection and a slow processor paints a page for the first time,
// and its largest part: with serve, which compresses, as hosts do.
func TestFirstPaint(t *testing.T) {
	if !*times {
		t.Skip("it measures: make times")
	}
	host := serve(t)
	for _, page := range []string{"index.html", "blocking.html", "asgi.html", "vi/blocking.html"} {
		var first, largest []float64
		for range 5 {
			b := open(t)
			b.window(390, 844)
			// Slow 4G and a phone of the middle, as Lighthouse has them.
			call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
				MatchedNetworkConditions: []*network.Conditions{{Latency: 150, DownloadThroughput: 1638.4 * 1024 / 8,
					UploadThroughput: 750 * 1024 / 8}}})
			b.slower(4)
			b.visit(host.address + page)
			got := js[[]float64](b, `new Promise(resolve => {
				const found = {}
				const note = list => {
					for (const e of list.getEntries()) found[e.name || e.entryType] = e.startTime
					const all = [found['first-contentful-paint'], found['largest-contentful-paint']]
					if (all.every(Number.isFinite)) resolve(all)
				}
				for (const type of ['paint', 'largest-contentful-paint']) new PerformanceObserver(note).observe({ type, buffered: true })
			})`)
			first, largest = append(first, got[0]), append(largest, got[1])
		}
		t.Logf("%s: first paint %s; largest %s", page, quantiles(first), quantiles(largest))
	}
}
