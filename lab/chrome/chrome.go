// Package chrome writes a recording as Chrome trace-event JSON, which Perfetto and chrome://tracing open.
//
// Each server is a process, and each lane is a thread of it, whether it is a thread, a task or a connection: an event
// stands for one mark. Calls and states are complete events ("X"), strictly nested; a mark without a length, or one
// that stands for several calls, is an instant ("i").
package chrome

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"era/lab/recording"
)

// event is an event of the format.
type event struct {
	Name  string
	Cat   string
	Phase string
	PID   int
	TID   int // of the lane, plus 1; 0 for the process
	Args  []arg
	mark  *recording.Mark // instead of Args: its mark
	of    *source

	at    int64
	order int   // among events of the same time
	took  int64 // the longer one comes first, because it is the parent
}

// source holds the texts that marks refer to.
type source struct {
	recording.Track
	sites  []string // "runnable/select/main.go:21"
	length int64    // of the experiment
}

// arg is a text or, if that is empty, a number.
type arg struct {
	key, text string
	number    int64
}

// The order of events of the same time.
const (
	names = iota
	begins
	happens
)

// Write writes the recording.
func Write(w io.Writer, r *recording.Recording) error {
	n := 0
	for _, t := range r.Tracks {
		n += len(t.Lanes) + len(t.Marks)
	}
	events := make([]event, 0, 2*n) // a lane has a name and a place, a state of a connection is counted
	for i, t := range r.Tracks {
		events = track(events, i+1, r.Result.Servers[i], t, r.Length)
	}
	type place struct { // an event is large, and a place is soon moved
		at, took int64
		order, i int
	}
	places := make([]place, len(events))
	for i, e := range events {
		places[i] = place{e.at, e.took, e.order, i}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order), cmp.Compare(b.took, a.took),
			cmp.Compare(a.i, b.i))
	})
	out := bufio.NewWriter(w)
	other, err := json.Marshal(facts(r))
	if err != nil {
		return fmt.Errorf("trace: %w", err)
	}
	fmt.Fprintf(out, "{\"displayTimeUnit\":\"ns\",\"otherData\":%s,\"traceEvents\":[", other)
	texts := quoted{}
	var line []byte
	var args []arg
	for i, at := range places {
		line = line[:0]
		if i > 0 {
			line = append(line, ',')
		}
		e := &events[at.i]
		if e.mark != nil {
			args = about(e, args[:0])
			e.Args = args
		}
		line = e.append(append(line, '\n'), texts)
		out.Write(line)
	}
	out.WriteString("\n]}\n")
	return out.Flush() // returns the first error of all writes
}

// quoted caches texts in JSON. There are few, and most events have some.
type quoted map[string][]byte

func (q quoted) of(text string) []byte {
	if q[text] == nil {
		q[text], _ = json.Marshal(text) // a text can be written
	}
	return q[text]
}

// append writes the event. A large run has some hundred thousand events, for which encoding/json takes ten times as
// long.
func (e *event) append(b []byte, texts quoted) []byte {
	text := func(key, text string) {
		b = append(append(b, key...), texts.of(text)...)
	}
	number := func(key string, n int) {
		b = strconv.AppendInt(append(b, key...), int64(n), 10)
	}
	text(`{"name":`, e.Name)
	if e.Cat != "" {
		text(`,"cat":`, e.Cat)
	}
	text(`,"ph":`, e.Phase)
	if e.Phase != "M" { // it holds at any time
		b = micro(append(b, `,"ts":`...), e.at)
	}
	if e.Phase == "X" {
		b = micro(append(b, `,"dur":`...), e.took)
	}
	number(`,"pid":`, e.PID)
	if e.TID > 0 {
		number(`,"tid":`, e.TID)
	}
	for i, a := range e.Args {
		before := byte(',')
		if i == 0 {
			b, before = append(b, `,"args":`...), '{'
		}
		b = append(append(append(b, before), texts.of(a.key)...), ':')
		if a.text != "" {
			b = append(b, texts.of(a.text)...)
		} else {
			b = strconv.AppendInt(b, a.number, 10)
		}
	}
	if len(e.Args) > 0 {
		b = append(b, '}')
	}
	return append(b, '}')
}

// facts are what is needed to run the experiment again, and what the trace does not show.
func facts(r *recording.Recording) map[string]any {
	dropped := map[string]int64{}
	for _, s := range r.Result.Servers {
		dropped[s.ID+"/"+s.Language] = s.Events.Dropped
	}
	return map[string]any{
		"scenario": r.Result.Scenario, "settings": r.Result.Settings, "seed": r.Result.Seed,
		"traffic_sha256": r.Result.Traffic, "made": r.Made, "machine": r.Machine, "events_dropped": dropped,
	}
}

// track adds one server's part.
func track(events []event, pid int, s recording.Server, t recording.Track, length int64) []event {
	of := &source{Track: t, length: length}
	for _, site := range t.Sites {
		of.sites = append(of.sites, site.File+":"+strconv.Itoa(site.Line))
	}
	meta := func(what string, tid int, a arg) event {
		return event{Name: what, Phase: "M", PID: pid, TID: tid, Args: []arg{a}, order: names}
	}
	events = append(events, meta("process_name", 0, arg{key: "name", text: fmt.Sprintf("%s (%s)", s.ID, s.Language)}),
		meta("process_sort_index", 0, arg{key: "sort_index", number: int64(pid)}))
	byLane := make([][]*recording.Mark, len(t.Lanes))
	for i := range t.Marks {
		m := &t.Marks[i]
		byLane[m.Lane] = append(byLane[m.Lane], m)
	}
	for _, l := range t.Lanes {
		tid := l.ID + 1
		events = append(events, meta("thread_name", tid, arg{key: "name", text: l.Name}),
			meta("thread_sort_index", tid, arg{key: "sort_index", number: int64(l.ID)}))
		events = lane(events, pid, l, byLane[l.ID], of)
	}
	return append(events, counters(pid, t)...)
}

// lane adds the marks of a lane. A mark that would stick out of the one it begins in is drawn as an instant, because
// slices of one thread must nest.
func lane(events []event, pid int, l recording.Lane, marks []*recording.Mark, of *source) []event {
	slices.SortStableFunc(marks, func(a, b *recording.Mark) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(b.Took, a.Took))
	})
	var open []int64 // the ends of the enclosing slices
	for _, m := range marks {
		if m.Call != "" && l.Kind != "thread" { // it is on its thread's lane
			continue
		}
		for len(open) > 0 && open[len(open)-1] <= m.At {
			open = open[:len(open)-1]
		}
		e := event{Name: name(m), Phase: "X", PID: pid, TID: l.ID + 1, mark: m, of: of, at: m.At, took: max(m.Took, 1),
			order: begins}
		if m.Call != "" { // otherwise the state is its name
			e.Cat = string(m.State)
		}
		glyph := m.Took == 0 || m.Call != "" && m.Count > 1 || m.State == recording.Again || m.State == recording.Failed
		if glyph || len(open) > 0 && m.At+e.took > open[len(open)-1] {
			e.Phase, e.order, e.took = "i", happens, 0
		} else {
			open = append(open, m.At+e.took)
		}
		events = append(events, e)
	}
	return events
}

func name(m *recording.Mark) string {
	if m.Call == "" {
		return string(m.State)
	}
	if m.Count > 1 {
		return m.Call + " ×" + strconv.Itoa(m.Count)
	}
	return m.Call
}

// about returns the arguments of an event's mark. It appends to a, so that no memory is allocated.
func about(e *event, a []arg) []arg {
	m := e.mark
	if m.FD >= 0 {
		a = append(a, arg{key: "fd", number: int64(m.FD)})
	}
	if m.Count > 1 {
		a = append(a, arg{key: "n", number: int64(m.Count)})
	}
	if m.Site >= 0 {
		a = append(a, arg{key: "site", text: e.of.sites[m.Site]})
	}
	why := "why"
	if e.of.CutOff(*m, e.of.length) {
		a = append(a, arg{key: "cut_off", number: 1}) // it was not over: it has returned nothing
	} else if m.Call != "" {
		a = append(a, arg{key: "ret", number: int64(m.Result)})
		why = "errno"
	}
	if m.Errno != "" {
		a = append(a, arg{key: why, text: m.Errno})
	}
	if m.Task > 0 && m.Task-1 != m.Lane {
		a = append(a, arg{key: "task", text: e.of.Lanes[m.Task-1].Name})
	}
	if e.Phase == "i" && m.Took > 0 {
		a = append(a, arg{key: "took_ns", number: m.Took})
	}
	return a
}

// counters count the connections in each state. Each state is a counter, and keeps its number until it has another.
func counters(pid int, t recording.Track) []event {
	type change struct {
		at    int64
		state int // by the order of states
		by    int64
	}
	var changes []change
	for _, m := range t.Marks {
		if s := m.State.Order(); s >= 0 && t.Lanes[m.Lane].Kind == "connection" && m.Call == "" && m.Took > 0 {
			changes = append(changes, change{m.At, s, 1}, change{m.At + m.Took, s, -1})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	var events []event
	now, written := make([]int64, len(recording.Looks)), make([]int64, len(recording.Looks))
	for i, c := range changes {
		now[c.state] += c.by
		if i+1 < len(changes) && changes[i+1].at == c.at {
			continue
		}
		var values []arg
		for s, n := range now {
			if n != written[s] {
				written[s] = n
				values = append(values, arg{key: string(recording.Looks[s].State), number: n})
			}
		}
		if len(values) > 0 {
			events = append(events, event{Name: "connections", Phase: "C", PID: pid, Args: values, at: c.at, order: happens})
		}
	}
	return events
}

// micro writes nanoseconds as microseconds, exactly: with three decimals.
func micro(b []byte, ns int64) []byte {
	b = append(strconv.AppendInt(b, ns/1000, 10), '.')
	return append(b, byte('0'+ns/100%10), byte('0'+ns/10%10), byte('0'+ns%10))
}
