// Package chrome writes a recording as Chrome trace-event JSON, which Perfetto and chrome://tracing open.
//
// Each server is a process. Calls are complete events ("X") on their thread, strictly nested; a mark without a length,
// or one that stands for several calls, is an instant ("i"). Connections overlap each other, and so do coroutines and
// tasks: they are asynchronous events ("b", "n", "e"), whose states follow one after the other.
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

// event is one of the format. Times are in microseconds, written with three decimals: exact nanoseconds.
type event struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	TS    json.Number    `json:"ts"`
	Dur   json.Number    `json:"dur,omitempty"`
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	Scope string         `json:"s,omitempty"`
	ID    *local         `json:"id2,omitempty"`
	Args  map[string]any `json:"args,omitempty"`

	at    int64
	order int   // among events of the same time
	took  int64 // the longer one comes first, because it is the parent
}

// local is an id within a process.
type local struct {
	Local string `json:"local"`
}

// The order of events of the same time: what ends comes before what begins.
const (
	names = iota
	ends
	endsAll
	beginsAll
	begins
	happens
)

// Write writes the recording.
func Write(w io.Writer, r *recording.Recording) error {
	var events []event
	for i, t := range r.Tracks {
		events = append(events, track(i+1, r.Result.Servers[i], t)...)
	}
	slices.SortStableFunc(events, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order), cmp.Compare(b.took, a.took))
	})
	out := bufio.NewWriter(w)
	other, err := json.Marshal(facts(r))
	if err != nil {
		return fmt.Errorf("trace: %w", err)
	}
	fmt.Fprintf(out, "{\"displayTimeUnit\":\"ns\",\"otherData\":%s,\"traceEvents\":[", other)
	for i, e := range events {
		e.TS = micro(e.at)
		if e.Phase == "X" {
			e.Dur = micro(e.took)
		}
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("trace: %w", err)
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		out.Write(line)
	}
	out.WriteString("\n]}\n")
	return out.Flush() // it reports the first error of all writes
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

// track is one server's part.
func track(pid int, s recording.Server, t recording.Track) []event {
	about := func(what string, tid int, args map[string]any) event {
		return event{Name: what, Phase: "M", PID: pid, TID: tid, Args: args, order: names, at: 0}
	}
	events := []event{
		about("process_name", 0, map[string]any{"name": fmt.Sprintf("%s (%s)", s.ID, s.Language)}),
		about("process_sort_index", 0, map[string]any{"sort_index": pid}),
	}
	byLane := make([][]recording.Mark, len(t.Lanes))
	for _, m := range t.Marks {
		byLane[m.Lane] = append(byLane[m.Lane], m)
	}
	for _, l := range t.Lanes {
		if l.Kind != "thread" {
			events = append(events, overlapping(pid, l, byLane[l.ID], t.Sites)...)
			continue
		}
		tid := l.ID + 1
		events = append(events, about("thread_name", tid, map[string]any{"name": l.Name}),
			about("thread_sort_index", tid, map[string]any{"sort_index": l.ID}))
		events = append(events, thread(pid, tid, byLane[l.ID], t)...)
	}
	return append(events, counters(pid, t)...)
}

// thread returns a thread's lane. A mark that would stick out of the one it begins in is drawn as an instant, because
// slices of one thread must nest.
func thread(pid, tid int, marks []recording.Mark, t recording.Track) []event {
	slices.SortStableFunc(marks, func(a, b recording.Mark) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(b.Took, a.Took))
	})
	var events []event
	var open []int64 // where the slices that we are in end
	for _, m := range marks {
		for len(open) > 0 && open[len(open)-1] <= m.At {
			open = open[:len(open)-1]
		}
		e := event{Name: name(m), Cat: string(m.State), Phase: "X", PID: pid, TID: tid, Args: args(m, t.Sites),
			at: m.At, took: max(m.Took, 1), order: begins}
		if m.Task > 0 {
			e.Args["task"] = t.Lanes[m.Task-1].Name
		}
		glyph := m.Took == 0 || m.Call != "" && m.Count > 1 || m.State == recording.Again || m.State == recording.Failed
		if glyph || len(open) > 0 && m.At+e.took > open[len(open)-1] {
			e.Phase, e.Scope, e.order, e.took = "i", "t", happens, 0
			if m.Took > 0 {
				e.Args["took_ns"] = m.Took
			}
		} else {
			open = append(open, m.At+e.took)
		}
		events = append(events, e)
	}
	return events
}

func name(m recording.Mark) string {
	if m.Call == "" {
		return string(m.State)
	}
	if m.Count > 1 {
		return fmt.Sprintf("%s ×%d", m.Call, m.Count)
	}
	return m.Call
}

func args(m recording.Mark, sites []recording.Site) map[string]any {
	a := map[string]any{}
	if m.FD >= 0 {
		a["fd"] = m.FD
	}
	if m.Count > 1 {
		a["n"] = m.Count
	}
	if m.Site >= 0 {
		a["site"] = fmt.Sprintf("%s:%d", sites[m.Site].File, sites[m.Site].Line)
	}
	why := "why"
	if m.Call != "" {
		a["ret"] = m.Result
		why = "errno"
	}
	if m.Errno != "" {
		a[why] = m.Errno
	}
	return a
}

// overlapping returns the lane of a connection, coroutine or task: one asynchronous event for all its life, with its
// states in it.
func overlapping(pid int, l recording.Lane, marks []recording.Mark, sites []recording.Site) []event {
	id := &local{strconv.Itoa(l.ID)}
	async := func(phase, name string, at int64, order int) event {
		return event{Name: name, Cat: l.Kind, Phase: phase, PID: pid, ID: id, at: at, order: order}
	}
	var events []event
	first, last := int64(1<<62), int64(0)
	slices.SortStableFunc(marks, func(a, b recording.Mark) int { return cmp.Compare(a.At, b.At) })
	for _, m := range marks {
		if m.Call != "" { // it is on its thread's lane
			continue
		}
		first, last = min(first, m.At), max(last, m.At+m.Took)
		if m.Took == 0 {
			last = max(last, m.At+1) // within its lane
			e := async("n", string(m.State), m.At, happens)
			e.Args = args(m, sites)
			events = append(events, e)
			continue
		}
		began := async("b", string(m.State), m.At, begins)
		began.Args = args(m, sites)
		events = append(events, began, async("e", string(m.State), m.At+m.Took, ends))
	}
	if first > last {
		return nil
	}
	return append(events, async("b", l.Name, first, beginsAll), async("e", l.Name, last, endsAll))
}

// counters count the connections in each state.
func counters(pid int, t recording.Track) []event {
	type change struct {
		at    int64
		state recording.State
		by    int
	}
	var changes []change
	now := map[string]any{}
	for _, m := range t.Marks {
		if t.Lanes[m.Lane].Kind == "connection" && m.Call == "" && m.Took > 0 {
			changes = append(changes, change{m.At, m.State, 1}, change{m.At + m.Took, m.State, -1})
			now[string(m.State)] = 0
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	var events []event
	for i, c := range changes {
		now[string(c.state)] = now[string(c.state)].(int) + c.by
		if i+1 < len(changes) && changes[i+1].at == c.at {
			continue
		}
		values := map[string]any{}
		for state, n := range now {
			values[state] = n
		}
		events = append(events, event{Name: "connections", Phase: "C", PID: pid, Args: values, at: c.at, order: happens})
	}
	return events
}

// micro writes nanoseconds as microseconds, exactly.
func micro(ns int64) json.Number {
	return json.Number(fmt.Sprintf("%d.%03d", ns/1000, ns%1000))
}
