package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"era/catalogue"
	"era/catalogue/madeof/code"
	"era/lab"
	"era/lab/process"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/story"
)

// TestMain makes the test binary the supervisor of the servers that the tests start.
func TestMain(m *testing.M) {
	process.MaybeSupervise()
	os.Exit(m.Run())
}

type command func(context.Context, *lab.Lab, []string, *bytes.Buffer, *bytes.Buffer) int

func call(t *testing.T, c command, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, err bytes.Buffer
	status = c(t.Context(), lab.New(lab.Options{Root: "../.."}), args, &out, &err)
	// another package's tests may run an experiment meanwhile
	said := strings.ReplaceAll(err.String(), lab.Waiting+"\n", "")
	return out.String(), said, status
}

func labCommand(ctx context.Context, l *lab.Lab, args []string, out, err *bytes.Buffer) int {
	return Lab(ctx, l, args, out, err)
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-scenario two-slow":        `no scenario "two-slow"; there are: one-slow, crowd`,
		"-servers selekt":           `no server "selekt"; there are: blocking, threads`,
		"-servers select/cobol":     `server "select" has no "cobol" version`,
		"-set clients=1000":         "clients is 1000: want 1 to 200",
		"-set clients":              "want knob=value",
		"-set speed=1":              `no knob "speed"; it has: clients, pause`,
		"-seed minus":               "invalid value",
		"select":                    `unexpected argument "select"`,
		"-set pause=5m -servers ,b": "pause is",
	} {
		stdout, stderr, status := call(t, labCommand, strings.Fields(args)...)
		if status != 2 || !strings.Contains(stderr, want) || stdout != "" {
			t.Errorf("%s: status %d, %q, %q", args, status, stdout, stderr)
		}
	}
}

// TestCommandsOfTheBook: the commands that the book tells its reader to type are understood. None is run, since there
// is nothing to run.
func TestCommandsOfTheBook(t *testing.T) {
	pages, err := filepath.Glob("../../content/*/index.md")
	if err != nil {
		t.Fatal(err)
	}
	nothing := func(ctx context.Context, _ *lab.Lab, args []string, out, err *bytes.Buffer) int {
		return Lab(ctx, lab.New(lab.Options{Root: t.TempDir()}), args, out, err)
	}
	found := 0
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range regexp.MustCompile(`cmd/serve lab ([^\n`+"`"+`#|>]+)`).FindAllStringSubmatch(string(text), -1) {
			found++
			_, stderr, status := call(t, nothing, strings.Fields(line[1])...)
			if status == misused || strings.Contains(stderr, "does not speak") {
				t.Errorf("%s: serve lab %s: status %d, %s", page, line[1], status, stderr)
			}
		}
	}
	if found == 0 {
		t.Error("found no command: are they written in another way?")
	}
}

// There is no server to run: a run would fail with another error.
func TestBadTraceFileFailsBeforeTheRun(t *testing.T) {
	nothing := func(ctx context.Context, _ *lab.Lab, args []string, out, err *bytes.Buffer) int {
		return Lab(ctx, lab.New(lab.Options{Root: t.TempDir()}), args, out, err)
	}
	dir := t.TempDir()
	for _, file := range []string{filepath.Join(dir, "none", "trace.json"), dir} {
		if stdout, stderr, status := call(t, nothing, "-trace", file); status != 1 || !strings.Contains(stderr, file) ||
			stdout != "" {
			t.Errorf("%s: status %d, %q, %q", file, status, stdout, stderr)
		}
	}
	old, fresh := filepath.Join(dir, "old.json"), filepath.Join(dir, "new.json")
	if err := os.WriteFile(old, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{old, fresh} {
		if err := writable(file); err != nil {
			t.Error(err)
		}
	}
	if b, err := os.ReadFile(old); err != nil || string(b) != "{}" {
		t.Errorf("the former trace is %q now, %v", b, err)
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("checking whether the file can be written has created it")
	}
}

func TestList(t *testing.T) {
	stdout, _, status := call(t, labCommand, "-list")
	if status != 0 || !strings.Contains(stdout, "  pause    2s  100ms to 10s  the slow one's pause\n") {
		t.Errorf("status %d:\n%s", status, stdout)
	}
	if !strings.Contains(stdout, "  made for: gather, task-group\n") {
		t.Errorf("fan-out does not name its servers:\n%s", stdout)
	}
	stdout, _, status = call(t, labCommand, "-list", "-json")
	var listed []scenario.Scenario
	if err := json.Unmarshal([]byte(stdout), &listed); err != nil || status != 0 || len(listed) != len(scenario.All) {
		t.Errorf("status %d, %v:\n%s", status, err, stdout)
	}
}

func TestServers(t *testing.T) {
	servers := func(ctx context.Context, l *lab.Lab, args []string, out, err *bytes.Buffer) int {
		return Servers(ctx, l, args, out, err)
	}
	stdout, _, status := call(t, servers)
	if status != 0 || !regexp.MustCompile(`\nselectthreads +1995 +select +go python +runnable/select/threads  `).MatchString(stdout) {
		t.Errorf("status %d:\n%s", status, stdout)
	}
	stdout, _, status = call(t, servers, "-json")
	var listed []map[string]any
	if err := json.Unmarshal([]byte(stdout), &listed); err != nil || status != 0 {
		t.Fatalf("status %d, %v:\n%s", status, err, stdout)
	}
	for _, server := range listed {
		if id := server["id"]; id == "gather" && server["mistake"] == nil || id == "task-group" &&
			server["cure"] != "gather" || id == "select" && server["mistake"] != nil {
			t.Errorf("%v", server)
		}
	}
	for _, field := range []string{"id", "title", "year", "chapter", "languages", "available"} {
		if listed[0][field] == nil {
			t.Errorf("no %s in %v", field, listed[0])
		}
	}
}

// A scenario that was made for certain servers runs with those.
func TestLabWithoutServers(t *testing.T) {
	stdout, stderr, status := call(t, labCommand, "-scenario", "fan-out", "-set", "delay=100ms", "-set", "clients=1",
		"-json")
	var result recording.Result
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || status != 0 {
		t.Fatalf("status %d, %v: %s", status, err, stderr)
	}
	if len(result.Servers) != 2 || result.Servers[0].ID != "gather" || result.Servers[1].ID != "task-group" {
		t.Errorf("%+v", result.Servers)
	}
}

func TestLabPrintsJSONAndNothingElse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace.json")
	stdout, stderr, status := call(t, labCommand, "-servers", "blocking,select", "-set", "pause=1s", "-json", "-trace",
		file)
	var result struct {
		recording.Result
		Moments []story.Moment
	}
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || status != 0 || stderr != "" {
		t.Fatalf("status %d, %v: %s", status, err, stderr)
	}
	if n := len(result.Moments); n < 3 || n > story.Most {
		t.Errorf("%d moments: %+v", n, result.Moments)
	}
	if b := result.Servers[0].PerGroup["fast"].Requests; b.Sent != 20 || b.Answered != 0 || b.Failed != 20 {
		t.Errorf("blocking: %+v", b)
	}
	if result.Servers[1].PerGroup["fast"].Requests.Answered != 20 || result.Servers[1].Syscalls["select"] == 0 {
		t.Errorf("select: %+v", result.Servers[1])
	}
	trace, err := os.ReadFile(file)
	if err != nil || !json.Valid(trace) {
		t.Errorf("trace: %v", err)
	}
}

func TestRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recordings", "short.json")
	short, err := experiment("select", "crowd", map[string]string{"clients": "2", "delay": "1ms"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	wanted := []Wanted{
		{Name: "other", Path: "nowhere", Wrong: errors.New("no scenario")},
		{Name: "short", Path: path, Experiment: short},
	}
	record := func(ctx context.Context, l *lab.Lab, args []string, out, err *bytes.Buffer) int {
		return Record(ctx, l, wanted, args, out, err)
	}
	if _, stderr, status := call(t, record, "-only", "short"); status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var r recording.Recording
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil || r.Result.Servers[0].Requests.Answered != 2 || r.Machine == "" ||
		r.Sources["runnable/select/main.go"] == "" {
		t.Errorf("%v: %+v on %q", err, r.Result, r.Machine)
	}
	if _, stderr, status := call(t, record); status != 1 || !strings.Contains(stderr, "other: no scenario") {
		t.Errorf("status %d: %s", status, stderr)
	}
	for _, track := range r.Tracks {
		if len(track.Sites) == 0 {
			t.Error("no mark has a line")
		}
		for _, site := range track.Sites { // counted in lines with code, of files that are among the sources
			text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(site.File)))
			if f := code.Of(site.File, text); err != nil || f.Sum != r.Sources[site.File] || f.Line(site.Line) == 0 {
				t.Errorf("%s: line %d with code: %v", site.File, site.Line, err)
			}
		}
	}
	if _, stderr, status := call(t, record, "-only", "tall"); status != 2 ||
		!strings.Contains(stderr, "there are: other, short") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

func TestTable(t *testing.T) {
	group := func(answered, failed int, longest float64) recording.Group {
		return recording.Group{Requests: recording.Requests{Sent: answered + failed, Answered: answered, Failed: failed},
			Latency: recording.Latency{P50: longest / 2, Max: longest}}
	}
	seen := &recording.Observed{Groups: map[string]recording.ObservedGroup{"fast": {Clients: 20}, "slow": {Clients: 1}}}
	r := &recording.Recording{Result: recording.Result{
		Scenario: "one-slow", Settings: map[string]string{"clients": "20", "pause": "2s"}, Seed: 1,
		Traffic: "88e45bdae957ffff", Load: &recording.Load{Processors: 2, Ours: 0.3, Others: 1.44},
		Servers: []recording.Server{
			{ID: "blocking", Language: "go", PerGroup: map[string]recording.Group{"fast": group(0, 20, 0),
				"slow": group(1, 0, 1.04)},
				ThreadsMax: 1, RSSKBMax: 5900, CPUMS: 5.5, ReadyMS: 6.1, Syscalls: map[string]int64{"read": 111},
				Traced: recording.Traced{How: "in process"}, Observed: seen},
			{ID: "select", Language: "python", PerGroup: map[string]recording.Group{"fast": group(20, 0, 0.9),
				"slow": group(1, 0, 2001)},
				ThreadsMax: 1, RSSKBMax: 15000, CPUMS: 2100, ReadyMS: 90, Traced: recording.Traced{Why: "there is no C compiler"},
				Observed: seen},
		},
	}}
	var b bytes.Buffer
	if err := table(&b, r, 60); err != nil {
		t.Fatal(err)
	}
	want := `One slow client among fast ones
clients 20, pause 2s · seed 1 · traffic 88e45bdae957

                   fast                       slow
server         answered  median  longest  answered  median  longest  OS threads   memory     CPU  calls  EAGAIN  ready in
blocking        0 of 20       –        –    1 of 1  520 µs   1.0 ms           1   5.8 MB  5.5 ms    111       0    6.1 ms
select/python  20 of 20  450 µs   900 µs    1 of 1   1.0 s    2.0 s           1  14.6 MB   2.1 s      –       –     90 ms

blocking answered 0 of 20 fast clients.
select/python answered 20 of 20 fast clients while the slow
  one was silent; the longest any of them waited was 900 µs.
  The calls of select/python were not seen: there is no C
    compiler.

The machine was busy: meanwhile other programs used 1.4 of
  its 2 processors. Times may be longer than on a quiet
  machine.
`
	if b.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", b.String(), want)
	}
}

// Where replies come in pieces the table has the first byte; a group that only listens has no column.
func TestTableOfPieces(t *testing.T) {
	first := &recording.Latency{P50: 1.5}
	for name, group := range map[string]string{"buffering": "readers", "laggard": "talkers"} {
		of := recording.Group{Requests: recording.Requests{Sent: 3, Answered: 3},
			Latency: recording.Latency{P50: 900, Max: 910}}
		if name == "buffering" {
			of.FirstByte = first
		}
		var b bytes.Buffer
		r := &recording.Recording{Result: recording.Result{Scenario: name, Servers: []recording.Server{
			{ID: "x", Language: "go", PerGroup: map[string]recording.Group{group: of}}}}}
		if err := table(&b, r, 60); err != nil {
			t.Fatal(err)
		}
		head, row := strings.Split(b.String(), "\n")[4], strings.Split(b.String(), "\n")[5]
		if got := strings.Contains(head, "first byte"); got != (of.FirstByte != nil) ||
			strings.Contains(row, "1.5 ms") != got ||
			strings.Count(head, "answered") != 1 {
			t.Errorf("%s:\n%s", name, b.String())
		}
	}
}

// TestBackend asks the backend that is started by hand, and ends it.
func TestBackend(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	ended := make(chan int)
	go func() { ended <- Backend(ctx, []string{"-addr", "127.0.0.1:0"}, stdout, io.Discard) }()
	text := bufio.NewReader(out)
	line, err := text.ReadString('\n')
	addr, says := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !says {
		t.Fatalf("the first line is %q, %v", line, err)
	}
	go io.Copy(io.Discard, text)
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "delay=20\n")
	if answer, err := bufio.NewReader(c).ReadString('\n'); answer != "waited 20 ms\n" {
		t.Errorf("the backend answers %q, %v", answer, err)
	}
	stop()
	if status := <-ended; status != 0 {
		t.Errorf("status %d after Ctrl-C", status)
	}
}

// TestBackendStaysHere: the backend listens where servers look for it, and never where other machines reach it.
func TestBackendStaysHere(t *testing.T) {
	var help, refused bytes.Buffer
	Backend(t.Context(), []string{"-h"}, io.Discard, &help)
	addr := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(help.String())
	for _, kit := range []string{"job/job.go", "python/job.py", "c/job.h"} {
		source, err := os.ReadFile("../../runnable/kit/" + kit)
		if err != nil || !strings.Contains(string(source), `"`+addr+`"`) {
			t.Errorf("the backend listens on %q, %s asks another: %v", addr, kit, err)
		}
	}
	for _, far := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0"} {
		if status := Backend(t.Context(), []string{"-addr", far}, io.Discard, &refused); status != 1 ||
			!strings.Contains(refused.String(), far+" is not a loopback address") {
			t.Errorf("-addr %s: status %d, %s", far, status, &refused)
		}
	}
}

// While a server is built, a terminal shows a bar of its packages, and the seconds where nothing is known of them.
func TestBuildingInATerminal(t *testing.T) {
	v, err := catalogue.Find("blocking")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	p := &progress{w: &out, plain: io.Discard, width: 100}
	for _, x := range []struct {
		process.Progress
		want string
	}{
		{process.Progress{Took: 1500 * time.Millisecond}, "building blocking (Go), the first time only: 1 s"},
		{process.Progress{Done: 2, Of: 5, Took: time.Second},
			"████░░░░░░░░ building blocking (Go), the first time only: package 2 of 5, 1 s"},
		{process.Progress{Done: 5, Of: 5, Took: 2 * time.Second},
			"██████████░░ building blocking (Go), the first time only: the last of 5 packages, and linking, 2 s"},
	} {
		out.Reset()
		p.Building(lab.Building{Variant: v, Progress: x.Progress})
		if strings.TrimPrefix(out.String(), "\r\x1b[K") != x.want {
			t.Errorf("%+v: %q, want %q", x.Progress, out.String(), x.want)
		}
	}
}
