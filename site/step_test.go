package site

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"era/site/guard"
)

// anyModule stands for a server's module.
func anyModule(_ context.Context, folder string) ([]byte, error) {
	return []byte("module of " + folder), nil
}

// scenarios reads what pages know of what can be stepped.
func scenarios(t *testing.T) map[string]stepped {
	t.Helper()
	text := built(t)[scenariosPage]
	data, is := strings.CutPrefix(strings.TrimSuffix(text, ")\n"), "era.scenarios(")
	all := map[string]stepped{}
	if err := json.Unmarshal([]byte(data), &all); err != nil || !is {
		t.Fatalf("%v in %.300s", err, text)
	}
	return all
}

// steppedOn reports whether something on a page can be stepped, as step/scenarios.js has it.
func steppedOn(t *testing.T, page string) bool {
	t.Helper()
	for key := range scenarios(t) {
		chapter, lab, _ := strings.Cut(key, "/")
		if page == chapter+".html" || page == "vi/"+chapter+".html" || page == alonePage(lab) {
			return true
		}
	}
	return false
}

func TestWhatCanBeStepped(t *testing.T) {
	all := scenarios(t)
	lab := all["blocking/one-slow"]
	var ids []string
	for _, s := range lab.Servers {
		ids = append(ids, s.ID+" "+s.File)
	}
	if !slices.Equal(ids, []string{"blocking blocking", "threads blocking-threads"}) ||
		!strings.Contains(lab.Script, "client slow 1 ") || !slices.Contains(lab.Servers[0].Args, "-addr") {
		t.Errorf("one-slow: %v, %+v", ids, lab)
	}
	edge := all["epoll/edge-starvation"]
	seen := map[string]bool{}
	for _, s := range edge.Servers {
		seen[s.File+" "+strings.Join(s.Args[:2], " ")] = true
	}
	if !seen["epoll-edge -edge once"] || !seen["epoll-edge -edge drain"] {
		t.Errorf("a program that is several servers: %v", seen)
	}
	told := all["blocking/steps-first-answer"]
	if last := told.Stops[len(told.Stops)-1]; last.At != len(strings.Fields(told.List)) || told.Stops[0].At != 1 ||
		strings.ContainsAny(told.Stops[0].Say, "`*") {
		t.Errorf("a narrated run: %+v", told)
	}
	if puzzle := all["blocking/steps-none-served"]; puzzle.List != "" || puzzle.Stops != nil ||
		puzzle.Property != "unanswered" || !strings.HasPrefix(puzzle.Puzzle, "Be the kernel") {
		t.Errorf("a puzzle tells its answer: %+v", puzzle)
	}
	for key, s := range all {
		for _, server := range s.Servers {
			if server.ID == "goroutines" {
				t.Errorf("%s: goroutines cannot be stepped", key)
			}
		}
	}
}

// Each module that step/scenarios.js names is there.
func TestModules(t *testing.T) {
	files := built(t)
	for key, s := range scenarios(t) {
		for _, server := range s.Servers {
			name := stepFolder + server.File + ".js"
			if _, is := files[name]; !is {
				t.Errorf("%s: there is no %s", key, name)
			}
		}
	}
	get := func(o Options, name string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Security-Policy", guard.Policy)
		New(root, o).Handler().ServeHTTP(w, httptest.NewRequest("GET", "/"+name, nil))
		return w
	}
	module := "era.module(\"epoll-edge\",\"" + base64.StdEncoding.EncodeToString([]byte("module of epoll/edge")) + "\")\n"
	if w := get(Options{Module: anyModule}, "step/epoll-edge.js"); w.Body.String() != module {
		t.Errorf("%d: %s; want %s", w.Code, w.Body, module)
	}
	fails := func(context.Context, string) ([]byte, error) { return nil, errors.New("no such package") }
	if w := get(Options{Module: fails}, "step/select.js"); w.Code != http.StatusInternalServerError ||
		!strings.Contains(w.Body.String(), "no such package") {
		t.Errorf("a module that cannot be built: %d %s", w.Code, w.Body)
	}
	if w := get(Options{}, "step/select.js"); w.Code != http.StatusNotFound {
		t.Errorf("a site that steps nothing has a module: %d", w.Code)
	}
	for name, want := range map[string]string{"blocking.html": guard.SteppingPolicy, "blocking": guard.SteppingPolicy,
		"lab/one-slow.html": guard.SteppingPolicy, "index.html": guard.Policy, "glossary.html": guard.Policy,
		"source/select/main.go.html": guard.Policy, "none.html": guard.Policy} {
		if is := get(Options{Module: anyModule}, name).Header().Get("Content-Security-Policy"); is != want {
			t.Errorf("%s: %s; want %s", name, is, want)
		}
	}
	if is := get(Options{}, "blocking.html"); is.Header().Get("Content-Security-Policy") != guard.Policy ||
		strings.Contains(is.Body.String(), "wasm") {
		t.Error("a site that steps nothing may compile WebAssembly")
	}
}

// Without scripts, a narrated run is a table of calls and sentences; a puzzle folds its answer.
func TestToldRunsRead(t *testing.T) {
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	puzzles, told := map[string]bool{}, map[string]bool{}
	for _, s := range e.book.Steps() {
		body := built(t)[s.Chapter+".html"]
		_, section, found := strings.Cut(body, `id="steps-`+s.Name+`"`)
		section, _, _ = strings.Cut(section, "</article>")
		if !found {
			t.Errorf("%s:%d: %s is not on its page", s.File, s.Line, s.Name)
		}
		if folded := strings.Contains(section, "<details"); folded == s.Puzzle.Empty() {
			t.Errorf("%s: its table is folded: %v", s.Name, folded)
		}
		if rows := strings.Count(section, "<tr role"); rows != len(s.Stops)+1 {
			t.Errorf("%s: %d rows for %d stops", s.Name, rows, len(s.Stops))
		}
		if puzzles[s.Chapter] = puzzles[s.Chapter] || !s.Puzzle.Empty(); s.Puzzle.Empty() {
			told[s.Chapter] = true
		}
	}
	for _, chapter := range strings.Fields("blocking nonblocking select epoll callbacks coroutines asyncawait") {
		if !puzzles[chapter] || !told[chapter] {
			t.Errorf("%s has a narrated run: %v, a puzzle: %v", chapter, told[chapter], puzzles[chapter])
		}
	}
}
