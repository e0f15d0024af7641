package site

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"era/chapters"
	"era/internal/hang"
)

// copied copies the repository's book to a folder of the test's own.
func copied(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, top := range []string{"content", "static", "runnable"} {
		sub, err := fs.Sub(root, top)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(dir, top), sub); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func get(t *testing.T, url string, header ...string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Header
}

func TestEditsShowOnReload(t *testing.T) {
	dir := copied(t)
	server := httptest.NewServer(New(os.DirFS(dir), Options{Stream: "lab/stream"}).Handler())
	defer server.Close()
	for _, url := range []string{"/", "/index.html", "/blocking", "/blocking.html"} {
		if status, body, _ := get(t, server.URL+url); status != 200 ||
			!strings.Contains(body, `name="era-lab" content="lab/stream"`) {
			t.Errorf("%s: status %d", url, status)
		}
	}
	chapter := filepath.Join(dir, "content/blocking/index.md")
	good, err := os.ReadFile(chapter)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(chapter, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// shows waits until the page has the change: a check of the files is valid for a moment.
	shows := func(what string, right func(body string) bool) {
		t.Helper()
		for until := time.Now().Add(hang.After); ; time.Sleep(fresh / 10) {
			if _, body, _ := get(t, server.URL+"/blocking"); right(body) {
				return
			}
			if time.Now().After(until) {
				t.Fatalf("%s is not shown", what)
			}
		}
	}
	write(string(good) + "\nA sentence of the test.\n")
	shows("an edit", func(body string) bool { return strings.Contains(body, "A sentence of the test.") })
	write(string(good) + "\n```golang\n```\n")
	shows("a mistake with file and line", regexp.MustCompile(`content/blocking/index.md:\d+</code> unknown fence label`).MatchString)
	write(string(good))
	shows("the mended chapter", func(body string) bool { return !strings.Contains(body, "This chapter has a mistake") })
}

// However many and odd the requests are, they cost little.
func TestRequestsCostLittle(t *testing.T) {
	looks := 0
	server := httptest.NewServer(New(counted{root, &looks}, Options{}).Handler())
	defer server.Close()
	began := time.Now()
	for range 50 {
		get(t, server.URL+"/icon.svg")
	}
	if most := int(time.Since(began)/fresh) + 1; looks > most {
		t.Errorf("%d looks at the files in %v, want %d at most", looks, time.Since(began), most)
	}
	// The page of errors is made once for each depth of addresses.
	get(t, server.URL+"/none")
	made := testing.AllocsPerRun(10, func() { get(t, server.URL+"/none") })
	if page := testing.AllocsPerRun(10, func() { get(t, server.URL+"/static/icon.svg") }); made > 2*page {
		t.Errorf("a missing page takes %.0f allocations, a file %.0f", made, page)
	}
	status, body, _ := get(t, server.URL+strings.Repeat("/a", 10_000))
	if status != 404 || len(body) > 1000 {
		t.Errorf("an address of 10,000 folders: status %d, %d bytes", status, len(body))
	}
}

// counted counts how often the tree of the chapters is walked through.
type counted struct {
	fs.FS
	looks *int
}

func (c counted) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "runnable" {
		*c.looks++
	}
	return fs.ReadDir(c.FS, name)
}

func TestHandler(t *testing.T) {
	server := httptest.NewServer(New(root, Options{}).Handler())
	defer server.Close()
	status, _, h := get(t, server.URL+"/static/page.css", "Accept-Encoding", "gzip")
	if status != 200 || h.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(h.Get("Content-Type"), "text/css") {
		t.Errorf("style sheet: %d %v", status, h)
	}
	if status, body, _ := get(t, server.URL+"/static/page.css", "If-None-Match",
		h.Get("ETag")); status != http.StatusNotModified || body != "" {
		t.Errorf("unchanged: %d, %d bytes", status, len(body))
	}
	for _, url := range []string{"/none", "/a/b/c.html", "/../go.mod", "/content/index.md", "/runnable/select/main.go",
		"/static/"} {
		if status, _, _ := get(t, server.URL+url); status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", url, status)
		}
	}
	for url, to := range map[string]string{"/blocking/": "../blocking.html",
		"/source/select/main.go/": "../main.go.html"} {
		if status, _, h := get(t, server.URL+url); status != http.StatusFound || h.Get("Location") != to {
			t.Errorf("%s: status %d, to %q, want %q", url, status, h.Get("Location"), to)
		}
	}
	if _, body, _ := get(t, server.URL+"/a/b/c.html"); !strings.Contains(body, `href="../../static/page.css"`) {
		t.Error("the page of errors does not find its style sheet at depth")
	}
	response, err := http.Post(server.URL+"/", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", response.StatusCode)
	}
}

func TestBuildRefusesAnUnrecordedLab(t *testing.T) {
	dir := copied(t)
	extra := "\n```lab\nname: never-run\ntitle: T\nscenario: one-slow\nservers: [blocking]\n```\n"
	f, err := os.OpenFile(filepath.Join(dir, "content/blocking/index.md"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, extra)
	f.Close()
	err = New(os.DirFS(dir), Options{}).Build(context.Background(), t.TempDir())
	var problems chapters.Problems
	if !errors.As(err, &problems) || !strings.Contains(err.Error(), "content/blocking/recordings/never-run.json") {
		t.Errorf("got %v", err)
	}
}

func TestLabsAreChecked(t *testing.T) {
	for want, lab := range map[string]chapters.Lab{
		"does not do what the clients": {Scenario: "mail", Servers: []string{"select"}},
		`no server "none"`:             {Scenario: "one-slow", Servers: []string{"none"}},
		`has no "c" version`:           {Scenario: "one-slow", Servers: []string{"selectthreads/c"}},
		"nothing":                      {Scenario: "nothing", Servers: []string{"select"}},
		`has no knob "speed"`: {Scenario: "one-slow", Servers: []string{"select"},
			Settings: map[string]string{"speed": "1"}},
		"clients is 5000": {Scenario: "one-slow", Servers: []string{"select"},
			Settings: map[string]string{"clients": "5000"}},
		`measure "quick.answered"`: {Scenario: "one-slow", Servers: []string{"select"},
			Measure: "quick.answered"},
		"5 servers; a lab has 1 to 4": {Scenario: "one-slow",
			Servers: []string{"select", "select", "select", "select", "select"}},
		"replies of scenario one-slow come at": {Scenario: "one-slow", Servers: []string{"select"},
			Measure: "fast.first_byte"},
		"wsgi does not do what the clients":  {Scenario: "websocket", Servers: []string{"wsgi"}},
		`a group has the figures answered, `: {Scenario: "one-slow", Servers: []string{"select"}, Measure: "fast.happy"},
		"threads does not do what the":       {Scenario: "stream", Servers: []string{"threads"}},
		"unit is \"MB\", and the measure is in ms or s": {Scenario: "one-slow", Servers: []string{"select"},
			Measure: "fast.max", Guess: chapters.Guess{Unit: "MB"}},
		"an order needs two servers": {Scenario: "one-slow", Servers: []string{"select"},
			Measure: "fast.max", Guess: chapters.Guess{Kind: "order", Which: "most"}},
		`or one of threads_max, rss_kb_max, `: {Scenario: "one-slow", Servers: []string{"select"}, Measure: "speed"},
	} {
		if err := errors.Join(CheckLab(&lab)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
