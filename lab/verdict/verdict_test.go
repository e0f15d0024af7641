package verdict

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
	"era/lab/scenario"
)

// Each scenario has its sentences, and no sentences belong to a scenario that does not exist.
func TestEveryScenarioHasSentences(t *testing.T) {
	for _, s := range scenario.All {
		if len(sentences[s.Name]) == 0 {
			t.Errorf("no sentences of %s", s.Name)
		}
	}
	for name := range sentences {
		if _, err := scenario.Find(name); err != nil {
			t.Error(err)
		}
	}
}

// A recording may contain anything that its check allows, and its scenario may have changed since.
func TestNothingObserved(t *testing.T) {
	for _, s := range scenario.All {
		for where, server := range map[string]recording.Server{
			"nothing": {Observed: &recording.Observed{}},
			"an end":  {Observed: &recording.Observed{}, Told: &recording.Told{TookMS: 1}},
			"requests": {Observed: &recording.Observed{},
				Group: recording.Group{Requests: recording.Requests{Answered: 5, Failed: 5}}},
		} {
			text := Of(recording.Result{Scenario: s.Name}, server)
			if told := server.Told != nil; text == "" && (told || s.Name != "shutdown") {
				t.Errorf("%s, %s: no verdict", s.Name, where)
			}
		}
	}
	r := recordingtest.New().Result
	r.Settings = map[string]string{"knob": "of old"}
	text := Of(r, r.Servers[0])
	if !strings.Contains(text, "not believable") || strings.Contains(text, "fast clients") {
		t.Errorf("with a setting that the scenario does not have: %s", text)
	}
	if text := Of(recording.Result{Scenario: "one-slow"}, recording.Server{ID: "select"}); text != "" {
		t.Errorf("of a server of which nothing was observed: %q", text)
	}
}

func TestUnseen(t *testing.T) {
	for want, unseen := range map[string]string{
		"": Unseen(recording.Traced{How: "in process"}, false),
		"Its coroutines and tasks cannot be seen from outside, as Python runs them: only its calls are.": Unseen(
			recording.Traced{How: "preloaded library"}, true),
		"Only its clients are seen. Études of others.": Unseen(recording.Traced{Why: "études of others"}, true),
	} {
		if unseen != want {
			t.Errorf("got %q, want %q", unseen, want)
		}
	}
}

// A result has its sentences where `serve lab -json` and the page expect them.
func TestOn(t *testing.T) {
	r := recordingtest.New().Result
	shown := On(r)
	if len(shown.Servers) != 2 || shown.Servers[0].Verdict != Of(r, r.Servers[0]) || shown.Servers[1].ID != "select" ||
		shown.Servers[1].Name != "select · Go" {
		t.Errorf("%+v", shown)
	}
}

// A server has one name, that of its picture. Go is understood, and a third-party program has a language of its own.
func TestNamesOfServers(t *testing.T) {
	r := recordingtest.New().Result
	for server, want := range map[string]string{
		"threads/go": "Thread per connection", "select/python": "select in Python",
		"node/python": "Node.js in JavaScript", "gone/go": "gone", "gone/python": "gone in Python",
	} {
		s := r.Servers[0]
		s.ID, s.Language, _ = strings.Cut(server, "/")
		if got := Of(r, s); !strings.HasPrefix(got, want+" ") || strings.HasPrefix(got, want+" in ") {
			t.Errorf("the verdict on %s begins %.40q, want %s", server, got, want)
		}
		if got := Called("typed", r, s); !strings.HasPrefix(got, "typed ") {
			t.Errorf("called as it was typed, the verdict begins %.40q", got)
		}
	}
}

// The machine was busy when other programs had more than a quarter of it, and left less than a quarter.
func TestBusy(t *testing.T) {
	const two = "The machine was busy: meanwhile other programs used 1.4 of its 2 processors. Times may be longer than on a " +
		"quiet machine."
	for want, loads := range map[string][]*recording.Load{
		two: {{Processors: 2, Ours: 0.2, Others: 1.4}},
		"": {nil, {Processors: 2, Ours: 1.9, Others: 0.1}, {Processors: 2, Ours: 0.6, Others: 0.8},
			{Processors: 8, Ours: 1, Others: 4}},
	} {
		for _, l := range loads {
			if got := On(recording.Result{Load: l}).Busy; got != want {
				t.Errorf("%+v: %q, want %q", l, got, want)
			}
		}
	}
}

// of is what a group of clients did, and what was observed of it.
type of struct {
	answered, failed      int
	first, p50, p99, most float64 // ms
	recording.ObservedGroup
}

// row is a run, and its verdict.
type row struct {
	scenario string
	settings string
	server   recording.Server
	seen     recording.Observed
	groups   map[string]of
	want     string
}

func (r row) verdict() string {
	settings := map[string]string{}
	for _, s := range strings.Fields(r.settings) {
		knob, value, _ := strings.Cut(s, "=")
		settings[knob] = value
	}
	s := r.server
	if s.ID == "" {
		s.ID = "server"
	}
	if s.Language == "" {
		s.Language = "go"
	}
	if s.Traced.Why == "" {
		s.Traced.How = "in process"
	}
	s.PerGroup, s.Observed = map[string]recording.Group{}, &r.seen
	s.Observed.Groups = map[string]recording.ObservedGroup{}
	for name, g := range r.groups {
		q := recording.Requests{Sent: g.answered + g.failed, Answered: g.answered, Failed: g.failed}
		sum := recording.Group{Requests: q, Latency: recording.Latency{P50: g.p50, P99: g.p99, Max: g.most}}
		if g.first != 0 {
			sum.FirstByte = &recording.Latency{P50: g.first}
		}
		s.PerGroup[name], s.Observed.Groups[name] = sum, g.ObservedGroup
		s.Requests.Answered += g.answered
		s.Requests.Failed += g.failed
	}
	return Of(recording.Result{Scenario: r.scenario, Settings: settings}, s)
}

func TestVerdicts(t *testing.T) {
	for _, r := range rows {
		if got := r.verdict(); got != r.want {
			t.Errorf("%s %s\n got %s\nwant %s", r.scenario, r.settings, got, r.want)
		}
	}
}

// Every piece of text from which sentences are made occurs in some row, so every branch that says something is reached.
func TestEverySentenceIsSaid(t *testing.T) {
	var said strings.Builder
	for _, r := range rows {
		said.WriteString(strings.ToLower(r.want) + "\n")
	}
	all := said.String()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	pieces := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, text := range literals(t, file) {
			for _, piece := range verbs.Split(text, -1) {
				if strings.Contains(strings.TrimSpace(piece), " ") {
					if pieces++; !strings.Contains(all, strings.ToLower(piece)) {
						t.Errorf("%s: no row of the table says %q", file, piece)
					}
				}
			}
		}
	}
	if pieces < 100 {
		t.Errorf("only %d pieces of text were found", pieces)
	}
}

var verbs = regexp.MustCompile(`%(\[\d\])?[dqsv]`)

// literals returns the texts in a file. Unseen and Busy have tests of their own.
func literals(t *testing.T, file string) (all []string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if f, is := n.(*ast.FuncDecl); is && slices.Contains([]string{"Unseen", "Busy"}, f.Name.Name) {
			return false
		}
		if literal, is := n.(*ast.BasicLit); is && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, text)
		}
		return true
	})
	return all
}
