package recording

import (
	"encoding/json"
	"strings"
	"testing"
)

// A recording is a file that anyone may send in. Its states become parts of pages.
func TestUnknownStatesAreRefused(t *testing.T) {
	for _, look := range Looks {
		state := look.State
		var m Mark
		data, err := json.Marshal(Mark{State: state, FD: -1, Count: 1})
		if err == nil {
			err = json.Unmarshal(data, &m)
		}
		if err != nil || m.State != state {
			t.Errorf("%s: %v, %v", state, m.State, err)
		}
	}
	var r Recording
	err := json.Unmarshal([]byte(`{"tracks":[{"marks":{"kinds":[[0,1,2,"blocked\"/><script>","",-1,0,"",1,-1]]}}]}`), &r)
	if err == nil || !strings.Contains(err.Error(), "unknown state") {
		t.Errorf("error: %v", err)
	}
}

// small is a recording that a lab could have written.
func small() *Recording {
	return &Recording{
		Result: Result{Scenario: "one-slow", Settings: map[string]string{"clients": "20"}, Servers: []Server{{
			ID: "blocking", Language: "go", PerGroup: map[string]Group{"fast": {}}, Syscalls: map[string]int64{"read": 1},
			Exit: "signal: killed: one\ttwo", Told: &Told{},
			Observed: &Observed{Stuck: &Stuck{FD: -1, Site: &Site{File: "a.go", Line: 1}}}, Group: Group{FirstByte: &Latency{}},
		}}},
		Length: 1000, Made: "2026-12-01", Sources: map[string]string{"runnable/blocking/main.go": "abc"},
		Tracks: []Track{{
			Lanes: []Lane{{Kind: "thread", Name: "thread 1"}}, Sites: []Site{{File: "runnable/blocking/main.go", Line: 1}},
			Marks: []Mark{{At: 10, Took: 990, State: Blocked, Call: "read", FD: -1, Count: 1, Site: 0}},
		}},
	}
}

// Content that no lab can have written is refused in every field, both when it is read and before it is written.
func TestImpossibleRecordings(t *testing.T) {
	read := func(r *Recording) error {
		data, err := json.Marshal(r)
		if err == nil {
			_, err = Read(data)
		}
		return err
	}
	if err := read(small()); err != nil {
		t.Errorf("a good one: %v", err)
	}
	mark := func(change func(*Mark)) func(*Recording) {
		return func(r *Recording) { change(&r.Tracks[0].Marks[0]) }
	}
	lane := func(change func(*Lane)) func(*Recording) {
		return func(r *Recording) { change(&r.Tracks[0].Lanes[0]) }
	}
	server := func(change func(*Server)) func(*Recording) {
		return func(r *Recording) { change(&r.Result.Servers[0]) }
	}
	for name, spoil := range map[string]func(*Recording){
		"no servers":            func(r *Recording) { r.Result.Servers, r.Tracks = nil, nil },
		"a track too many":      func(r *Recording) { r.Tracks = append(r.Tracks, Track{}) },
		"a negative length":     func(r *Recording) { r.Length = -1 },
		"years":                 func(r *Recording) { r.Length = 1 << 60 },
		"a date with an escape": func(r *Recording) { r.Made = "\x1b[2J" },
		"a long machine":        func(r *Recording) { r.Machine = strings.Repeat("x", 5000) },
		"a knob":                func(r *Recording) { r.Result.Settings["a\x00"] = "" },
		"a source outside":      func(r *Recording) { r.Sources["../../etc/passwd"] = "" },
		"a name":                server(func(s *Server) { s.ID = "a\nb" }),
		"last words that turn":  server(func(s *Server) { s.Exit = "\u202e" }),
		"last words of C1":      server(func(s *Server) { s.Exit = "\u009b2J" }),
		"a novel":               server(func(s *Server) { s.Observed.Doubt = strings.Repeat("x", 10_000) }),
		"negative threads":      server(func(s *Server) { s.ThreadsMax = -1 }),
		"a time":                server(func(s *Server) { s.ReadyMS = 1e300 }),
		"a latency":             server(func(s *Server) { s.FirstByte.P99 = -1 }),
		"a group":               server(func(s *Server) { s.PerGroup["\a"] = Group{} }),
		"a group's numbers":     server(func(s *Server) { s.PerGroup["fast"] = Group{Requests: Requests{Sent: -1}} }),
		"a call's name":         server(func(s *Server) { s.Syscalls["\x1b]0;x\a"] = 1 }),
		"a count of calls":      server(func(s *Server) { s.Syscalls["read"] = 8_680_820_740_569_200_760 }),
		"an end":                server(func(s *Server) { s.Told.TookMS = -5 }),
		"a negative count":      server(func(s *Server) { s.Observed.Backend.Asked = -2 }),
		"a group's time": server(func(s *Server) {
			s.Observed.Groups = map[string]ObservedGroup{"a": {TookMS: 1e300}}
		}),
		"a reason":               server(func(s *Server) { s.Observed.HangUps = map[string]int{"\x1b": 1} }),
		"where it was stuck":     server(func(s *Server) { s.Observed.Stuck.Site.File = "../etc/passwd" }),
		"a number of a lane":     lane(func(l *Lane) { l.ID = 7 }),
		"a kind of lane":         lane(func(l *Lane) { l.Kind = `x"/><script>` }),
		"a lane's name":          lane(func(l *Lane) { l.Name = "\u2066" }),
		"a lane that is not":     mark(func(m *Mark) { m.Lane = 1 }),
		"a lane before":          mark(func(m *Mark) { m.Lane = -1 }),
		"a task that is not":     mark(func(m *Mark) { m.Task = 2 }),
		"a line that is not":     mark(func(m *Mark) { m.Site = 1 }),
		"before the beginning":   mark(func(m *Mark) { m.At = -1 }),
		"behind the end":         mark(func(m *Mark) { m.Took = 991 }),
		"an overflow":            mark(func(m *Mark) { m.Took = 1<<63 - 1 }),
		"a mark's call":          mark(func(m *Mark) { m.Call = "READ()" }),
		"an error's name":        mark(func(m *Mark) { m.Errno = "\r" }),
		"nothing counted":        mark(func(m *Mark) { m.Count = 0 }),
		"a descriptor":           mark(func(m *Mark) { m.FD = 1 << 40 }),
		"a result":               mark(func(m *Mark) { m.Result = -1 << 62 }),
		"a line of another file": func(r *Recording) { r.Tracks[0].Sites[0].File = "/etc/passwd" },
		"line 0":                 func(r *Recording) { r.Tracks[0].Sites[0].Line = 0 },
		"told before":            func(r *Recording) { r.Tracks[0].Told = -1 },
		"many marks":             func(r *Recording) { r.Tracks[0].Marks = make([]Mark, maxMarks+1) },
		"many lanes":             func(r *Recording) { r.Tracks[0].Lanes = make([]Lane, maxLanes+1) },
	} {
		r := small()
		spoil(r)
		if err := r.Check(); err == nil {
			t.Errorf("%s is accepted for writing", name)
		}
		if err := read(r); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	if _, err := Read(make([]byte, MaxBytes+1)); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("a large file: %v", err)
	}
	if _, err := ReadMatrix([]byte(`{"grids":[{"servers":[{}],"apps":[{}],"cells":[[]]}]}`)); err == nil {
		t.Error("a matrix without its cell is accepted")
	}
	if _, err := ReadMatrix([]byte(`{"requests":["GET /"],"grids":[{"servers":[{}],"apps":[{}],"cells":[[{"ms":-1}]]}]}`)); err == nil {
		t.Error("a matrix with a negative time is accepted")
	}
}
