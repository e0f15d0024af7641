package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image/png"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
)

// The service worker's list has everything that a reader needs, with the hash of what the build has written.
func TestWorkerLists(t *testing.T) {
	files := built(t)
	first, code, _ := strings.Cut(files[workerPage], ";\n")
	if code != files["static/worker.js"] {
		t.Error("the list is not followed by the worker's script")
	}
	var list map[string]string
	if err := json.Unmarshal([]byte(strings.TrimPrefix(first, "self.files=")), &list); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"index.html": true, "select.html": true, "recordings/one-slow.js": true,
		"sources/runnable/select/main.go.js": true, "source/select/main.go.html": true, "static/page.css": true,
		manifestPage: true, workerPage: false, headersPage: false, "recordings/one-slow.trace.json.gz": false,
		scenariosPage: true, "step/select.js": false} {
		if _, is := list[name]; is != want {
			t.Errorf("the list has %s: %v, want %v", name, is, want)
		}
	}
	for name, hash := range list {
		sum := sha256.Sum256([]byte(files[name]))
		if want := hex.EncodeToString(sum[:8]); hash != want {
			t.Errorf("%s: hash %s, want %s", name, hash, want)
		}
	}
	for name := range files {
		ext := path.Ext(name)
		_, isModule := moduleOf(name)
		if (ext == ".html" || ext == ".js") && list[name] == "" && name != workerPage && name != "404.html" && !isModule {
			t.Errorf("the list lacks %s", name)
		}
	}
}

// serve does without a service worker, and takes away one that another site has left at its origin.
func TestServeRetiresWorkers(t *testing.T) {
	server := httptest.NewServer(New(root, Options{Stream: "lab/live"}).Handler())
	defer server.Close()
	for _, url := range []string{"/sw.js", "/some/where/sw.js"} {
		status, body, h := get(t, server.URL+url)
		if status != 200 || !strings.Contains(body, "unregister") || strings.Contains(body, "self.files") ||
			!strings.HasPrefix(h.Get("Content-Type"), "text/javascript") {
			t.Errorf("%s: status %d, %s: %.60q", url, status, h.Get("Content-Type"), body)
		}
	}
	if _, body, _ := get(t, server.URL+"/report.html"); strings.Contains(body, "data-offline") {
		t.Error("a page of serve asks to be kept")
	}
	if status, _, _ := get(t, server.URL+"/"+manifestPage); status != 404 {
		t.Errorf("the manifest: status %d", status)
	}
}

func TestManifest(t *testing.T) {
	files := built(t)
	var m struct {
		Name  string
		Start string `json:"start_url"`
		Icons []struct{ Src, Sizes string }
	}
	if err := json.Unmarshal([]byte(files[manifestPage]), &m); err != nil {
		t.Fatal(err)
	}
	if m.Name != bookTitle || files[m.Start] == "" {
		t.Errorf("%q begins at %q", m.Name, m.Start)
	}
	sizes := map[string]bool{}
	for _, icon := range m.Icons {
		sizes[icon.Sizes] = true
		if path.Ext(icon.Src) != ".png" {
			continue
		}
		picture, err := png.Decode(bytes.NewReader([]byte(files[icon.Src])))
		if err != nil {
			t.Fatalf("%s: %v", icon.Src, err)
		}
		size := picture.Bounds().Dx()
		edge, bar := picture.At(0, 0), picture.At(6*size/32, 11*size/32)
		if path.Base(icon.Src) != strings.Split(icon.Sizes, "x")[0]+".png" || edge == bar {
			t.Errorf("%s is %d px, of the colours %v and %v", icon.Src, size, edge, bar)
		}
	}
	if !sizes["192x192"] || !sizes["512x512"] { // without these it cannot be installed
		t.Errorf("icons of the sizes %v", sizes)
	}
}

// The rules for hosts cover all pages, and none that others may show in a frame.
func TestHeadersOfHosts(t *testing.T) {
	files := built(t)
	var rules []string
	for line := range strings.Lines(files[headersPage]) {
		if strings.HasPrefix(line, "/") {
			rules = append(rules, strings.TrimSpace(line))
		}
	}
	covered := func(address string) bool {
		for _, rule := range rules {
			if folder, all := strings.CutSuffix(rule, "*"); rule == address || all && strings.HasPrefix(address, folder) {
				return true
			}
		}
		return false
	}
	for name := range files {
		if path.Ext(name) == ".html" && covered("/"+name) == strings.HasPrefix(name, "lab/") {
			t.Errorf("%s has the headers: %v", name, covered("/"+name))
		}
	}
	if !covered("/") || !covered("/select") || len(rules) > 100 { // Cloudflare Pages takes a hundred
		t.Errorf("%d rules: %q", len(rules), rules)
	}
}

// The page of an experiment has the run, leads to its place in the book, and cannot run anything, also when serve has
// it.
func TestExperimentsHavePages(t *testing.T) {
	e, err := New(root, Options{Stream: "lab/live"}).edition()
	if err != nil {
		t.Fatal(err)
	}
	labs := e.book.Labs()
	if len(labs) == 0 {
		t.Fatal("the book has no experiments")
	}
	for _, lab := range labs {
		name := alonePage(lab.Name)
		if built(t)[name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	lab := labs[0]
	f, err := e.pages[alonePage(lab.Name)].get()
	if err != nil {
		t.Fatal(err)
	}
	page := string(f.body)
	for _, want := range []string{`id="lab-` + lab.Name + `"`, `href="../` + lab.Chapter + `.html#lab-` + lab.Name + `"`,
		`id="page:signs"`, "data-alone", lab.Title} {
		if !strings.Contains(page, want) {
			t.Errorf("%s has no %s", lab.Name, want)
		}
	}
	if strings.Contains(page, "era-lab") {
		t.Error("a page that others may show in a frame can run servers")
	}
}
