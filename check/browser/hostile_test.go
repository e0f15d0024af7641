package browser

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"era/lab"
	"era/lab/recording"
	"era/lab/scenario"
)

// payloads are what a hostile server might write so that a page takes it for more than text.
var payloads = []string{
	`<img src=x onerror="globalThis.pwned=1">`, `<script>globalThis.pwned=1</script>`, `"><svg onload=globalThis.pwned=1>`,
	`javascript:globalThis.pwned=1`, `</script><script>globalThis.pwned=1</script>`, "\x1b[2J\x1b]0;pwned\x07",
	`{{constructor.constructor("globalThis.pwned=1")()}}`,
	"\u202eback to front\u2066 \u009b31m\x00\x7f", `<iframe srcdoc="<script>parent.pwned=1</script>">`, `<style>*{display:none}</style>`,
	`../../../etc/passwd`, `' onfocus=globalThis.pwned=1 autofocus='`,
}

// TestHostileOutput puts payloads wherever the output of a server can appear in the page. They must be shown as text.
func TestHostileOutput(t *testing.T) {
	all := strings.Join(payloads, " ")
	s := newStand(t)
	s.result = func(e scenario.Experiment, w lab.Watcher) *recording.Recording {
		w.Phase(all)
		began := lab.Started{Scenario: e.Scenario.Name, Title: all, Seed: 1, Settings: map[string]string{all: all}}
		r := &recording.Recording{Length: 2e9, Result: recording.Result{Scenario: e.Scenario.Name,
			Settings: map[string]string{all: all}, Traffic: all}}
		batch := lab.Batch{Now: 2e9}
		for _, v := range e.Servers {
			began.Servers = append(began.Servers, lab.StartedServer{ID: v.Server.ID, Language: v.Language, Title: all})
			group := recording.Group{Requests: recording.Requests{Sent: 1, Answered: 1}}
			r.Result.Servers = append(r.Result.Servers, recording.Server{
				ID: v.Server.ID, Language: string(v.Language), Group: group, PerGroup: map[string]recording.Group{all: group},
				Syscalls: map[string]int64{all: 1}, Traced: recording.Traced{How: all, Why: all}, Exit: all,
				Observed: &recording.Observed{},
			})
			track := lab.Tracks{Answered: 1, Sent: 1}
			track.Sites = []recording.Site{{File: "runnable/" + payloads[0], Line: 1}, {File: "../../../etc/passwd", Line: 1},
				{File: payloads[3], Line: 2}}
			for i, p := range payloads {
				track.Lanes = append(track.Lanes, recording.Lane{ID: i, Kind: "thread", Name: p, Group: p})
				track.Marks = append(track.Marks, recording.Mark{
					Lane: i, At: 1e8, Took: 1e9, State: recording.Blocked, Call: p, FD: 3, Errno: p, Count: 1, Site: i % 3,
				})
			}
			batch.Tracks = append(batch.Tracks, track)
		}
		w.Started(began)
		w.Batch(batch)
		return r
	}
	b := open(t)
	b.expect("not a script of the book") // the viewer refuses such addresses of sources, and says so
	b.enter(s.address + "blocking.html" + s.key)
	b.openBenches()
	if js[bool](b, `!document.querySelector('section.lab .lab-guess').hidden`) {
		b.press(`section.lab .lab-guess button[type=button]`, kb.Enter)
	}
	b.until(`document.querySelector('section.lab .lab-go .lab-run')?.textContent.includes('Run')`)
	b.press(`section.lab .lab-go .lab-run`, kb.Enter)
	b.until(`document.querySelector('section.lab .lab-verdicts li')`)
	verdict := js[string](b, `document.querySelector('section.lab .lab-verdicts li').textContent`)
	spelt := strings.NewReplacer("\x1b", `\u001b`, "\a", `\u0007`, "\x00", `\u0000`, "\x7f", `\u007f`, "\u009b", `\u009b`,
		"\u202e", `\u202e`, "\u2066", `\u2066`)
	if want := spelt.Replace(all); !strings.Contains(verdict, want) {
		t.Errorf("the verdict %q does not have the last words as they came, escaped: %q", verdict, want)
	}
	b.press(`section.lab .lab-events summary`, kb.Enter)
	b.until(`document.querySelectorAll('section.lab .lab-events tbody tr').length >= ` + "11")
	js[bool](b, `(async () => { // choose every mark, so that its text and its source are shown
		for (const button of document.querySelectorAll('section.lab .lab-events tbody button')) {
			button.click()
			await new Promise(requestAnimationFrame)
		}
		return true
	})()`)
	b.until(`document.querySelector('section.lab .lab-sentence').textContent`)
	for what, expression := range map[string]string{
		"a script ran":             `globalThis.pwned === undefined`,
		"an element was made":      `!document.querySelector('section.lab .bench :is(img, script, iframe, style, svg[onload], [onfocus], [onerror])')`,
		"a link leads to a script": `![...document.querySelectorAll('a')].some(a => a.protocol === 'javascript:')`,
		"the page was hidden":      `document.querySelector('h1').checkVisibility()`,
		"a character acts":         `!/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent)`,
	} {
		if !js[bool](b, expression) {
			t.Error(what)
		}
	}
	b.clean("hostile output")
}

// TestScriptsMakeNoMarkup forbids the ways to make elements or code from text in the page's scripts.
func TestScriptsMakeNoMarkup(t *testing.T) {
	forbidden := regexp.MustCompile(`\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|setHTMLUnsafe|srcdoc|DOMParser|createContextualFragment)`)
	var files []string
	for _, pattern := range []string{"web/*.js", "web/*/*.js", "static/*.js"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no scripts found at %s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.FindString(string(data)); found != "" {
			t.Errorf("%s uses %s", file, found)
		}
	}
}
