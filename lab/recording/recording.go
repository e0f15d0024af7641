// Package recording holds what is known of an experiment when it is over: the result and the marks that were drawn. It
// is data only: the lab makes it, the site shows it, files keep it.
package recording

import (
	"encoding/json"
	"fmt"
)

// Result is the outcome of one experiment. Its JSON is what `serve lab -json` prints: fields may be added, not renamed.
type Result struct {
	Scenario string            `json:"scenario"`
	Settings map[string]string `json:"settings"` // the knobs, all of them
	Seed     uint64            `json:"seed"`
	Traffic  string            `json:"traffic_sha256"` // of the script that every server was sent
	Servers  []Server          `json:"servers"`
	Load     *Load             `json:"load,omitempty"` // nil where the system does not say
}

// Load is what the machine's processors did during an experiment, on average: how many of them were busy with what.
type Load struct {
	Processors int     `json:"processors"`
	Ours       float64 `json:"ours"`   // with the experiment
	Others     float64 `json:"others"` // with other programs, and other virtual machines
}

// Busy reports whether other programs took so much that the experiment had to wait for a processor: more than a
// quarter, where less than a quarter was left.
func (l *Load) Busy() bool {
	if l == nil {
		return false
	}
	quarter := float64(l.Processors) / 4
	return l.Others > quarter && l.Ours+l.Others > 3*quarter
}

// Server is what one server did in an experiment.
type Server struct {
	ID       string  `json:"id"`
	Language string  `json:"language"`
	ReadyMS  float64 `json:"ready_ms"` // from starting the process until it listened
	Group
	PerGroup   map[string]Group `json:"per_group"`
	ThreadsMax int              `json:"threads_max"`
	RSSKBStart int64            `json:"rss_kb_start"` // resident memory before the first client came
	// the same at its highest, sampled; on Linux without pages shared with files
	RSSKBMax int64            `json:"rss_kb_max"`
	CPUMS    float64          `json:"cpu_ms"` // user and system time of the process
	Syscalls map[string]int64 `json:"syscalls"`
	Again    int64            `json:"eagain"` // calls that returned EAGAIN, of the events that were not dropped
	Events   Events           `json:"events"`
	Traced   Traced           `json:"trace"`
	// how the server ended if it ended by itself, with its last words
	Exit string `json:"exit,omitempty"`
	Told *Told  `json:"told,omitempty"` // it was told to end: Exit is how it reacted
	// connections to it or its backend that were not the experiment's, or too many
	Elsewhere int       `json:"elsewhere,omitempty"`
	Observed  *Observed `json:"observed,omitempty"`
}

// Traced says how a server's calls were seen, or else why they were not.
type Traced struct {
	How string `json:"how,omitempty"` // "in process", "preloaded library"
	Why string `json:"why,omitempty"`
}

// Seen reports whether the calls were seen: if not, their counts mean nothing.
func (t Traced) Seen() bool { return t.How != "" }

// Told is about a server that was sent SIGTERM while it ran.
type Told struct {
	AtMS   float64 `json:"at_ms"`   // since the experiment began
	TookMS float64 `json:"took_ms"` // until it had ended; 0 if it still ran when the experiment was over
}

// Group sums up the requests of one group of clients, or of all.
type Group struct {
	Requests Requests `json:"requests"`
	Latency  Latency  `json:"latency_ms"`
	// FirstByte is the same until the first byte of the body had come, in scenarios whose replies come in pieces.
	FirstByte *Latency `json:"first_byte_ms,omitempty"`
}

// Requests counts requests. One that was sent in part and given up counts as sent and failed; one that could not be
// sent, because there was no connection, only as failed. Answered and failed make all that the script has.
type Requests struct {
	Sent     int `json:"sent"`
	Answered int `json:"answered"`
	Failed   int `json:"failed"`
}

// Asked is how many requests the clients of a group make, whatever becomes of them.
type Asked struct {
	Group    string `json:"group"`
	Requests int    `json:"requests"`
}

// Asked returns the requests of the given groups, in their order, without groups that make none.
func (r Result) Asked(groups []string) []Asked {
	var all []Asked
	for _, name := range groups {
		if q := r.Servers[0].PerGroup[name].Requests; q.Answered+q.Failed > 0 {
			all = append(all, Asked{name, q.Answered + q.Failed})
		}
	}
	return all
}

// Latency is in milliseconds, of answered requests, from the moment when the script wanted the request sent until the
// reply was complete. All are 0 when none was answered.
type Latency struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// Events counts trace events: those kept as marks (merged marks count all the calls that they stand for) and those
// dropped.
type Events struct {
	Kept    int64 `json:"kept"`
	Dropped int64 `json:"dropped"`
}

// Lane is one row of the picture: a thread of the server, a coroutine or task of it, or a connection.
type Lane struct {
	ID    int    `json:"id"`              // unique within a server of an experiment, from 0 without gaps
	Kind  string `json:"kind"`            // "thread", "coroutine", "task", "connection"
	Name  string `json:"name"`            // "thread 1", "task 3 · slow 1", "fast 7"
	Group string `json:"group,omitempty"` // of a connection and of what serves it: its clients' group
}

// Site is a source line that made marks.
type Site struct {
	File string `json:"file"` // relative to the repository's root: "runnable/select/main.go"
	Line int    `json:"line"` // in a file that is kept, only lines with code are counted: see Relocate
}

// Mark is something that happened on a lane. In JSON it is an array, in the order of the fields, because there are
// many.
type Mark struct {
	Lane  int
	At    int64 // ns since the experiment began
	Took  int64 // ns; 0 is a glyph
	State State
	Call  string // "read", as in the manual pages; "" for a mark that is not a call
	FD    int    // -1: none
	// Result is what the call returned; of a timer, how many µs late it was. Of Unanswered marks, the number of the
	// request; of a connection's Backpressure, the bytes that the server kept when it had too many; of a thread that ran,
	// the callbacks that its loop called.
	Result int
	// Errno is the error's name, "EAGAIN"; "" is success. Of a Failed mark that is not a call: why, in words. Of a task
	// that waits, what for: "readable", "writable" (FD), "time", "task", "future", "queue", "drain", "thread", "turn",
	// "begin". Of Cancelled: "asked", if the task was only asked to end.
	Errno string
	Count int // calls that this mark stands for, 1 unless merged; of a thread that ran, the turns of its loop
	Site  int // index into the sites; -1: unknown
	Task  int // the lane, plus 1, of the coroutine or task that called; 0: none. In JSON only when there is one
}

// MarshalJSON writes the array.
func (m Mark) MarshalJSON() ([]byte, error) {
	fields := []any{m.Lane, m.At, m.Took, m.State, m.Call, m.FD, m.Result, m.Errno, m.Count, m.Site}
	if m.Task != 0 {
		fields = append(fields, m.Task)
	}
	return json.Marshal(fields)
}

// UnmarshalJSON reads the array.
func (m *Mark) UnmarshalJSON(data []byte) error {
	fields := []any{&m.Lane, &m.At, &m.Took, &m.State, &m.Call, &m.FD, &m.Result, &m.Errno, &m.Count, &m.Site, &m.Task}
	most := len(fields)
	m.Task = 0
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	if len(fields) != most && len(fields) != most-1 {
		return fmt.Errorf("a mark has %d fields, or one less, not %d", most, len(fields))
	}
	return nil
}

// Track is everything that was drawn for one server of an experiment.
type Track struct {
	Lanes []Lane `json:"lanes"`
	Sites []Site `json:"sites"`
	Marks []Mark `json:"marks"`          // in the order in which they ended
	Told  int64  `json:"told,omitempty"` // when the server got SIGTERM, ns since the experiment began; 0: it got none
	Died  int64  `json:"died,omitempty"` // when the server was seen to have ended, likewise; 0: it outlived the experiment
}

// CutOff reports whether the mark was not over when its server ended, or when the experiment of the given length did:
// the call had not returned. What was over by then ended earlier.
func (t Track) CutOff(m Mark, length int64) bool {
	end := m.At + m.Took
	return m.Took > 0 && (end >= length || end == t.Died)
}

// Recording is a whole experiment. Tracks are in the order of Result.Servers.
type Recording struct {
	Result  Result `json:"result"`
	Length  int64  `json:"length"` // ns from the first step of the script to the last
	Tracks  Tracks `json:"tracks"`
	Made    string `json:"made"`    // date, 2026-11-22
	Machine string `json:"machine"` // "Linux 6.18, 2 CPUs, Go 1.26.8, CPython 3.11.7, gcc 12.2"
	// Sources are the files that the recorded servers were made of, with a hash of the code of each as it then was: when
	// one changes, the recording is stale. They are empty unless the recording is kept.
	Sources map[string]string `json:"sources"`
}
