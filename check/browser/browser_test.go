package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience limits every test. It turns a hang into a failure.
const patience = 12 * time.Minute

var temporary string // folder for the files that the tests make

// chrome is the one browser of all tests.
var chrome context.Context

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "era-browser-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		temporary = dir
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			// Names of strangers that lead here, as an attacker's do.
			chromedp.Flag("host-resolver-rules", "MAP evil.test 127.0.0.1"),
			chromedp.Flag("disable-component-update", true),
			chromedp.DisableGPU, chromedp.UserDataDir(dir+"/profile"))
		if os.Geteuid() == 0 {
			options = append(options, chromedp.NoSandbox) // its sandbox does not run as root
		}
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		defer stop()
		var end context.CancelFunc
		chrome, end = chromedp.NewContext(allocator)
		defer end()
		return m.Run()
	}())
}

var launch = sync.OnceValue(func() error { return chromedp.Do(chrome) })

// tab is a tab with cookies and storage of its own. It collects the problems of its pages.
type tab struct {
	context.Context
	t *testing.T

	mu        sync.Mutex
	problems  []string
	requested []string
	expected  []string // parts of problems that a test provokes
}

func open(t *testing.T) *tab {
	t.Helper()
	found := false
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if _, err := exec.LookPath(name); err == nil {
			found = true
		}
	}
	if !found {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Chromium or Chrome found, and CI=true")
		}
		t.Skip("SKIPPED: no Chromium or Chrome found, so the pages are not tested")
	}
	if err := launch(); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return newTab(t, chrome, chromedp.WithNewBrowserContext())
}

// another opens a second tab of the same window: it shares the cookies of the first.
func (b *tab) another() *tab { return newTab(b.t, b.Context) }

func newTab(t *testing.T, parent context.Context, options ...chromedp.ContextOption) *tab {
	t.Helper()
	b := &tab{t: t}
	ctx, closeTab := chromedp.NewContext(parent, append(options, chromedp.WithListener(b.hear))...)
	t.Cleanup(closeTab)
	if err := chromedp.Do(ctx); err != nil { // the tab must live as long as the context without the timeout
		t.Fatalf("open a tab: %v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	b.Context = ctx
	call(b, log.Enable, cdp.Empty{})
	call(b, network.Enable, network.EnableParams{})
	return b
}

// call sends a command of the protocol and returns its result.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b, command, params)
	if err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b, steps...); err != nil {
		b.t.Fatalf("%v\non the page: %s", err, b.trouble())
	}
}

func (b *tab) trouble() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.problems, "\n")
}

// hear records errors of scripts, console errors, including violations of the policy, and failed requests.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, "exception: "+thrown(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			var words []string
			for _, a := range e.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			b.problems = append(b.problems, fmt.Sprintf("console.%s: %s", e.Type, strings.Join(words, " ")))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceViolation ||
			e.Entry.Source == log.EntrySourceSecurity {
			b.problems = append(b.problems, fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text,
				e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		b.requested = append(b.requested, e.Request.URL)
	case *page.EventJavascriptDialogOpening:
		b.problems = append(b.problems, "dialog: "+e.Message)
		// The problem is recorded already.
		go chromedp.Call(b, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
	}
}

// expect names a part of problems that the test causes itself.
func (b *tab) expect(parts ...string) { b.expected = append(b.expected, parts...) }

// clean fails the test for every problem since the last call.
func (b *tab) clean(where string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
problems:
	for _, p := range b.problems {
		for _, part := range b.expected {
			if strings.Contains(p, part) {
				continue problems
			}
		}
		b.t.Errorf("%s: %s", where, p)
	}
	b.problems = nil
}

// thrown says in one line what a script threw.
func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

// js evaluates an expression and waits for its promise.
func js[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v\non the page: %s", expression[:min(200, len(expression))], err, b.trouble())
	}
	return value
}

// until waits until an expression is true, and checks it at every frame that the page draws. Only the tab's patience
// limits it: a busy machine may take longer than chromedp's own half minute.
func (b *tab) until(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b, chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingTimeout(0))); err != nil {
		b.t.Fatalf("waiting for %s: %v\non the page: %s", expression, err, b.trouble())
	}
}

func (b *tab) visit(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url))
}

// enter visits a page through the link with the key, and waits until the browser has the right to run.
func (b *tab) enter(link string) {
	b.t.Helper()
	b.visit(link)
	if !js[bool](b, `era.live.entered.then(() => !location.hash)`) {
		b.t.Fatal("the key stays in the address")
	}
}
