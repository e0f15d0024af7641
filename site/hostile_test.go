package site

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
	"era/lab/visible"
)

// recorded returns a book whose only chapter shows the recordings.
func recorded(t *testing.T, run *recording.Recording, matrix *recording.Matrix) fstest.MapFS {
	t.Helper()
	book := fstest.MapFS{
		"content/index.md": {Data: []byte("---\ntitle: T\n---\n\nWelcome.\n")},
		"content/one/index.md": {Data: []byte("---\ntitle: One\norder: 1\n---\n\n## Runs\n\n```lab\nname: run\ntitle: A run\nscenario: one-slow\nservers: [blocking, select]\n```\n\n" +
			"```matrix\nname: all\ntitle: All\n```\n")},
		"runnable/a.go":    {Data: []byte("package a\n")},
		"static/theme.js":  {},
		"static/lab.css":   {},
		"static/lab.js":    {},
		"static/page.js":   {},
		"static/layout.js": {},
	}
	for name, what := range map[string]any{"run": run, "all": matrix} {
		data, err := json.Marshal(what)
		if err != nil {
			t.Fatal(err)
		}
		book["content/one/recordings/"+name+".json"] = &fstest.MapFile{Data: data}
	}
	return book
}

func someMatrix(text string) *recording.Matrix {
	return &recording.Matrix{Requests: []string{text}, Made: text, Machine: text, Sources: map[string]string{text: text},
		Grids: []recording.Grid{{
			Language: text, Servers: []recording.Side{{Title: text, Contract: text}, {Title: text}},
			Apps:  []recording.Side{{Title: text, Contract: text}},
			Cells: [][]recording.Cell{{{SHA256: text, Differs: []string{text}}, {Missing: text}}},
		}}}
}

var tag = regexp.MustCompile(`<[^>]*>`)

// markup returns a page without its text: the elements with the names of their attributes.
// Labels of a picture do not count: whether one has room depends on its length.
func markup(page string) string {
	page = regexp.MustCompile(`<text x="\d+" y="\d+">[^<]*</text>`).ReplaceAllString(page, "")
	values := regexp.MustCompile(`="[^"]*"`)
	return strings.Join(tag.FindAllString(values.ReplaceAllString(page, ""), -1), "\n")
}

func fieldOf(where string) string {
	field, _, _ := strings.Cut(where, " = ")
	return field
}

// For any texts in a recording, the page has the same elements and attributes as with harmless ones, and the script
// that passes the recording to the viewer is one call. Or the recording is refused, with the name of the field.
func TestHostileRecordingsAreText(t *testing.T) {
	harmless := map[string]string{} // by field: a group of another name, for example, has no column
	for where, run := range recordingtest.Hostile([]string{"harmless"}) {
		e, err := New(recorded(t, run, someMatrix("text")), Options{}).edition()
		if err != nil {
			t.Fatal(err)
		}
		if f, err := e.pages["one.html"].get(); err == nil {
			harmless[fieldOf(where)] = markup(string(f.body))
		}
	}
	harmless["matrix"] = markup(pageOf(t, recorded(t, recordingtest.New(), someMatrix("text")), "one.html"))
	check := func(where string, run *recording.Recording, matrix *recording.Matrix) {
		t.Helper()
		e, err := New(recorded(t, run, matrix), Options{}).edition()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"one.html", "recordings/run.js"} {
			f, err := e.pages[name].get()
			if err != nil {
				if !regexp.MustCompile(`one/recordings/(run|all).json: (unknown state|\w[\w./\[\]-]*(, a key)?:) `).MatchString(err.Error()) {
					t.Errorf("%s: %s: the error does not name the field: %v", where, name, err)
				}
				continue
			}
			text := strings.ReplaceAll(string(f.body), "\n", "")
			if len(visible.Text(text)) != len(text) {
				t.Errorf("%s: %s has control characters", where, name)
			}
			if name == "one.html" {
				if got, want := markup(string(f.body)), harmless[fieldOf(where)]; got != want {
					t.Errorf("%s: the page has other elements:\n%s\nwant\n%s", where, got, want)
				}
				continue
			}
			data, found := strings.CutPrefix(string(f.body), `era.recording("run",`)
			data, ended := strings.CutSuffix(data, ")\n")
			if !found || !ended || !json.Valid([]byte(data)) || strings.ContainsAny(data, "<>\u2028\u2029") {
				t.Errorf("%s: the script is more than one call: %s", where, f.body)
			}
		}
	}
	texts := recordingtest.All()
	for where, run := range recordingtest.Hostile(texts) {
		check(where, run, someMatrix("text"))
	}
	for _, text := range texts {
		check("matrix", recordingtest.New(), someMatrix(text))
	}
}
