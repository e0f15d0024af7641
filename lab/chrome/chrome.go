// Package chrome writes a recording as Chrome trace-event JSON, which Perfetto and chrome://tracing open.
//
// Each server is a process. Calls are complete events ("X") on their thread, strictly nested; what has no length, or
// stands for several calls, is an instant ("i"). Connections overlap each other, and so do coroutines and tasks: they are
// asynchronous events ("b", "n", "e"), whose states follow one after the other.
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

// event is one of the format.
type event struct {
	Name  string
	Cat   string
	Phase string
	PID   int
	TID   int
	ID    int // of the lane, plus 1, if the event is asynchronous
	Args  []arg

	at    int64
	order int   // among events of the same time
	took  int64 // the longer one comes first, because it is the parent
}

// arg is a text or, if that is empty, a number.
type arg struct {
	key, text string
	number    int64
}

// The order of events of the same time: what ends makes room for what begins.
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
	n := 0
	for _, t := range r.Tracks {
		n += len(t.Lanes) + len(t.Marks)
	}
	events := make([]event, 0, 3*n) // a state of a connection begins, ends, and is counted
	for i, t := range r.Tracks {
		events = append(events, track(i+1, r.Result.Servers[i], t)...)
	}
	inOrder := make([]int, len(events)) // an event is large, and a place is soon moved
	for i := range inOrder {
		inOrder[i] = i
	}
	slices.SortFunc(inOrder, func(i, j int) int {
		a, b := &events[i], &events[j]
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order), cmp.Compare(b.took, a.took), cmp.Compare(i, j))
	})
	out := bufio.NewWriter(w)
	other, err := json.Marshal(facts(r))
	if err != nil {
		return fmt.Errorf("trace: %w", err)
	}
	fmt.Fprintf(out, "{\"displayTimeUnit\":\"ns\",\"otherData\":%s,\"traceEvents\":[", other)
	texts := quoted{}
	var line []byte
	for i, at := range inOrder {
		line = line[:0]
		if i > 0 {
			line = append(line, ',')
		}
		line = events[at].append(append(line, '\n'), texts)
		out.Write(line)
	}
	out.WriteString("\n]}\n")
	return out.Flush() // it reports the first error of all writes
}

// quoted are texts as JSON has them. There are few, and most events have some.
type quoted map[string][]byte

func (q quoted) of(text string) []byte {
	if q[text] == nil {
		q[text], _ = json.Marshal(text) // a text can be written
	}
	return q[text]
}

// append writes the event. A large run has some hundred thousand, which encoding/json takes ten times as long for.
func (e event) append(b []byte, texts quoted) []byte {
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
	b = micro(append(b, `,"ts":`...), e.at)
	if e.Phase == "X" {
		b = micro(append(b, `,"dur":`...), e.took)
	}
	number(`,"pid":`, e.PID)
	number(`,"tid":`, e.TID)
	if e.Phase == "i" {
		text(`,"s":`, "t") // it is the thread's
	}
	if e.ID > 0 {
		number(`,"id2":{"local":"`, e.ID-1)
		b = append(b, `"}`...)
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

// facts are what one needs to run the experiment again, and what the trace does not show.
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
	about := func(what string, tid int, a arg) event {
		return event{Name: what, Phase: "M", PID: pid, TID: tid, Args: []arg{a}, order: names}
	}
	events := []event{
		about("process_name", 0, arg{key: "name", text: fmt.Sprintf("%s (%s)", s.ID, s.Language)}),
		about("process_sort_index", 0, arg{key: "sort_index", number: int64(pid)}),
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
		events = append(events, about("thread_name", tid, arg{key: "name", text: l.Name}),
			about("thread_sort_index", tid, arg{key: "sort_index", number: int64(l.ID)}))
		events = append(events, thread(pid, tid, byLane[l.ID], t)...)
	}
	return append(events, counters(pid, t)...)
}

// thread is a thread's lane. A mark that would stick out of the one it begins in is drawn as an instant, because
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
			e.Args = append(e.Args, arg{key: "task", text: t.Lanes[m.Task-1].Name})
		}
		glyph := m.Took == 0 || m.Call != "" && m.Count > 1 || m.State == recording.Again || m.State == recording.Failed
		if glyph || len(open) > 0 && m.At+e.took > open[len(open)-1] {
			e.Phase, e.order, e.took = "i", happens, 0
			if m.Took > 0 {
				e.Args = append(e.Args, arg{key: "took_ns", number: m.Took})
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

func args(m recording.Mark, sites []recording.Site) []arg {
	a := make([]arg, 0, 5)
	if m.FD >= 0 {
		a = append(a, arg{key: "fd", number: int64(m.FD)})
	}
	if m.Count > 1 {
		a = append(a, arg{key: "n", number: int64(m.Count)})
	}
	if m.Site >= 0 {
		a = append(a, arg{key: "site", text: sites[m.Site].File + ":" + strconv.Itoa(sites[m.Site].Line)})
	}
	why := "why"
	if m.Call != "" {
		a = append(a, arg{key: "ret", number: int64(m.Result)})
		why = "errno"
	}
	if m.Errno != "" {
		a = append(a, arg{key: why, text: m.Errno})
	}
	return a
}

// overlapping is the lane of a connection, coroutine or task: one asynchronous event for all its life, its states in it.
func overlapping(pid int, l recording.Lane, marks []recording.Mark, sites []recording.Site) []event {
	async := func(phase, name string, at int64, order int) event {
		return event{Name: name, Cat: l.Kind, Phase: phase, PID: pid, ID: l.ID + 1, at: at, order: order}
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
		by    int64
	}
	var changes []change
	now := map[recording.State]int64{}
	for _, m := range t.Marks {
		if t.Lanes[m.Lane].Kind == "connection" && m.Call == "" && m.Took > 0 {
			changes = append(changes, change{m.At, m.State, 1}, change{m.At + m.Took, m.State, -1})
			now[m.State] = 0
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	var events []event
	for i, c := range changes {
		now[c.state] += c.by
		if i+1 < len(changes) && changes[i+1].at == c.at {
			continue
		}
		var values []arg
		for _, look := range recording.Looks {
			if n, counted := now[look.State]; counted {
				values = append(values, arg{key: string(look.State), number: n})
			}
		}
		events = append(events, event{Name: "connections", Phase: "C", PID: pid, Args: values, at: c.at, order: happens})
	}
	return events
}

// micro writes nanoseconds as microseconds, exactly: with three decimals.
func micro(b []byte, ns int64) []byte {
	b = append(strconv.AppendInt(b, ns/1000, 10), '.')
	return append(b, byte('0'+ns/100%10), byte('0'+ns/10%10), byte('0'+ns%10))
}
