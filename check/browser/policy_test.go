package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
	"era/site"
)

// onBoth tests a built site from disk and on a plain host below a path.
func onBoth(t *testing.T, dir string, test func(t *testing.T, b *tab, base string)) {
	t.Helper()
	host := httptest.NewServer(http.StripPrefix("/some/where/", http.FileServer(http.Dir(dir))))
	t.Cleanup(host.Close)
	for name, base := range map[string]string{"from disk": "file://" + filepath.ToSlash(dir) + "/",
		"below a path": host.URL + "/some/where/"} {
		t.Run(name, func(t *testing.T) { test(t, open(t), base) })
	}
}

// injections are what an author's mistake or a hostile text might bring into a page, each a way to run a script.
const injections = `<script>document.title = 'pwned'</script><script src="data:text/javascript,document.title='pwned'"></script>` +
	`<script src="%sinjected.js"></script><img src="none.png" onerror="document.title = 'pwned'"><svg onload="document.title = 'pwned'"></svg>` +
	`<iframe srcdoc="<script>parent.document.title = 'pwned'</script>"></iframe><object data="data:text/html,x"></object><style>h1 { display: none }</style>` +
	`<h2 style="display: none" id="styled">styled</h2><base href="%[1]s"><a id="code" href="javascript:document.title = 'pwned'">code</a>`

// TestBuiltPagesKeepTheirPolicy: on a host that sends no policy, and from disk, injected scripts do not run. TestReplay
// checks that the pages themselves break no rule.
func TestBuiltPagesKeepTheirPolicy(t *testing.T) {
	built, err := export()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "static"), os.DirFS(filepath.Join(built, "static"))); err != nil {
		t.Fatal(err)
	}
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, "document.title = 'pwned'")
	}))
	t.Cleanup(stranger.Close)
	whole, err := os.ReadFile(filepath.Join(built, "404.html"))
	if err != nil {
		t.Fatal(err)
	}
	injected := strings.Replace(string(whole), "<h1>", fmt.Sprintf(injections, stranger.URL+"/")+"<h1>", 1)
	if err := os.WriteFile(filepath.Join(dir, "injected.html"), []byte(injected), 0o644); err != nil {
		t.Fatal(err)
	}
	onBoth(t, dir, func(t *testing.T, b *tab, base string) {
		call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: `globalThis.violated = []; document.addEventListener('securitypolicyviolation', e => violated.push(e.effectiveDirective))`,
		})
		b.visit(base + "injected.html")
		js[bool](b, `(document.querySelector('#code').click(), true)`)
		b.until(`violated.filter(what => what.startsWith('script-src')).length >= 6 || document.title === 'pwned'`)
		got := js[string](b, `JSON.stringify([document.title.startsWith('There is no') || document.title.startsWith('No such'), document.querySelector('h1').checkVisibility(),
			document.querySelector('#styled').checkVisibility(), document.baseURI === location.href, [...new Set(violated)].sort()])`)
		want := `[true,true,true,true,["base-uri","object-src","script-src-attr","script-src-elem","style-src-attr","style-src-elem"]]`
		if got != want {
			t.Errorf("title, heading, style, base, and the rules that were broken: %s, want %s", got, want)
		}
		if wrote := js[string](b, `(() => { try { document.querySelector('h1').innerHTML = '<b>x</b>'; return 'text became markup' } catch { return 'refused' } })()`); wrote != "refused" {
			t.Error(wrote)
		}
	})
}

// hostileBook builds a book of one chapter, which shows the recording.
func hostileBook(t *testing.T, r *recording.Recording) string {
	t.Helper()
	dir, out := t.TempDir(), t.TempDir()
	run, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, top := range []string{"static", "runnable/select"} {
		if err := os.CopyFS(filepath.Join(dir, top), os.DirFS(filepath.Join(root, top))); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string][]byte{
		"index.md":                []byte("---\ntitle: T\n---\n\nWelcome.\n"),
		"one/index.md":            []byte("---\ntitle: One\norder: 1\n---\n\n## A run\n\n```lab\nname: run\ntitle: A run\nscenario: one-slow\nservers: [blocking, select]\n```\n"),
		"one/recordings/run.json": run,
	} {
		file := filepath.Join(dir, "content", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := site.New(os.DirFS(dir), site.Options{}).Build(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestHostileRecording: a recording with hostile texts in all fields that may hold any makes exactly the page that a
// harmless one makes, before and after the viewer has drawn it. A static picture has
// less detail where texts are longer, but no element of another kind.
func TestHostileRecording(t *testing.T) {
	elements := map[string][]string{} // of the harmless page, by scheme
	pictures := map[string][]string{} // the elements in its pictures
	for _, text := range []string{"harmless", strings.Join(recordingtest.Text, " ")} {
		var all *recording.Recording
		for where, r := range recordingtest.Hostile([]string{text}) {
			if strings.HasPrefix(where, "all fields") {
				all = r
			}
		}
		all.Sources = recordingtest.New().Sources // other file names are refused, as are other kinds, calls and states
		for i := range all.Result.Servers {
			all.Result.Servers[i].Observed.Stuck.Site = recordingtest.New().Result.Servers[i].Observed.Stuck.Site
		}
		for i := range all.Tracks {
			t, harmless := &all.Tracks[i], recordingtest.New().Tracks[i]
			t.Sites = harmless.Sites
			for j := range t.Lanes {
				t.Lanes[j].Kind = harmless.Lanes[j].Kind
			}
			for j := range t.Marks {
				t.Marks[j].State, t.Marks[j].Call = harmless.Marks[j].State, harmless.Marks[j].Call
			}
		}
		onBoth(t, hostileBook(t, all), func(t *testing.T, b *tab, base string) {
			b.expect("not a script of the book") // the viewer refuses such addresses of sources, and says so
			b.visit(base + "one.html")
			b.openBenches()
			b.revealAll()
			got := js[[]string](b, `[document.title, ...[...document.querySelectorAll('body, body *')].filter(e => !e.closest('svg.lanes')).map(e => e.tagName + [...e.attributes].map(a => ' ' + a.name).filter(n => n !== ' aria-current').sort().join(''))]`)
			scheme, _, _ := strings.Cut(base, ":")
			if text == "harmless" {
				elements[scheme] = got
			} else if want := elements[scheme]; !slices.Equal(got, want) {
				at := 0
				for at < min(len(got), len(want)) && got[at] == want[at] {
					at++
				}
				t.Errorf("%d elements, want %d; from the first that differs: %q, want %q", len(got), len(want), got[at:min(at+5, len(got))],
					want[at:min(at+5, len(want))])
			}
			drawn := js[[]string](b, `[...document.querySelectorAll('svg.lanes *')].map(e => e.tagName + [...e.attributes].map(a => ' ' + a.name).sort().join(''))`)
			if text == "harmless" {
				pictures[scheme] = drawn
			}
			for _, element := range drawn {
				if !slices.Contains(pictures[scheme], element) {
					t.Errorf("a picture has an element %q", element)
				}
			}
			if n := js[int](b, `[...document.querySelectorAll('a')].filter(a => a.protocol === 'javascript:').length`); n != 0 {
				t.Errorf("%d links lead to a script", n)
			}
			b.clean(text)
		})
	}
}
