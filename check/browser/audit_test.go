package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAudit shows the audit a page with one mistake of each kind. The audit must find them all: a check that never
// fails proves nothing.
func TestAudit(t *testing.T) {
	const bad = `<!DOCTYPE html><title></title><body style="width:3000px;background:#fff">
		<h1>one</h1><h1>two</h1><h4>far down</h4><p id=a>x</p><p id=a>y</p>
		<p style="color:#aaa">pale</p><p style="color:#0007">half</p><img src="data:,"><svg width=9 height=9></svg>
		<button aria-labelledby=missing style="all:unset;width:9px;height:9px;display:inline-block">a</button><button style="all:unset;width:9px;height:9px">b</button>
		<a href="#nowhere">nowhere</a><i tabindex=3>first</i><table><tbody><tr><th>h</th></tr></tbody></table>
		<nav><a href="/one">1983</a><a href="/two">1983</a></nav><section aria-label=twin>x</section><section aria-label=twin>y</section>
		<pre aria-label=listing>x</pre><table><thead><tr><th scope=col></th></tr></thead></table><p style="font-size:11px">small</p>
		<div style="position:sticky;top:0;height:60vh;background:#fff">x</div><div style="height:300vh">x</div>
		<div style="overflow-x:scroll;width:50px"><pre>` + "long long long long long long" + `</pre></div>`
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte(bad))
	}))
	t.Cleanup(host.Close)
	b := open(t)
	b.visit(host.URL)
	found := strings.Join(js[[]string](b, audit), "\n")
	for _, want := range []string{
		"no language", "no title", "0 main elements", "2 headings", "from h1 to h4", "twice the id a",
		"names no element: missing",
		"a link to nowhere: #nowhere", "no alt", "a picture without", "an order of its own", "without scope",
		"a target of 9 by",
		"the focus is not seen", "scrolls, and not by keyboard", "contrast 2.32", "contrast 3.5", "px wide, the window",
		"one name for two places", "two landmarks of one name, section: twin", "a name without a role: pre",
		"an empty table heading",
		"text of 11 px", "px of the window are covered: div",
	} {
		if !strings.Contains(found, want) {
			t.Errorf("the audit does not find %q", want)
		}
	}
	if t.Failed() {
		t.Log(found)
	}
}
