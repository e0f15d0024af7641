package chrome

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
)

// file is the format as its reader sees it.
type file struct {
	DisplayTimeUnit string           `json:"displayTimeUnit"`
	OtherData       map[string]any   `json:"otherData"`
	TraceEvents     []map[string]any `json:"traceEvents"`
}

// validate checks what Perfetto requires of a file: order, nesting, pairs and ids.
func validate(data []byte) error {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}
	last := math.Inf(-1)
	open := map[string][]float64{} // by thread: where its slices end
	async := map[string][]string{} // by id: names of what has begun
	ns := func(e map[string]any, key string) float64 { n, _ := e[key].(float64); return math.Round(n * 1000) }
	for i, e := range f.TraceEvents {
		at := ns(e, "ts")
		if at < last {
			return fmt.Errorf("event %d is earlier than the one before: %v", i, e)
		}
		last = at
		thread := fmt.Sprint(e["pid"], "/", e["tid"])
		id := fmt.Sprint(e["pid"], "/", e["id2"])
		switch e["ph"] {
		case "X":
			end := at + ns(e, "dur")
			if end <= at {
				return fmt.Errorf("event %d has no length: %v", i, e)
			}
			stack := open[thread]
			for len(stack) > 0 && stack[len(stack)-1] <= at {
				stack = stack[:len(stack)-1]
			}
			if len(stack) > 0 && end > stack[len(stack)-1] {
				return fmt.Errorf("event %d ends after its parent: %v", i, e)
			}
			open[thread] = append(stack, end)
		case "b":
			if len(async[id]) > 1 {
				return fmt.Errorf("event %d begins while another state lasts: %v", i, e)
			}
			async[id] = append(async[id], e["name"].(string))
		case "n":
			if e["id2"] == nil {
				return fmt.Errorf("event %d has no id: %v", i, e)
			}
		case "e":
			stack := async[id]
			if len(stack) == 0 || stack[len(stack)-1] != e["name"] {
				return fmt.Errorf("event %d ends an event that has not begun: %v in %v", i, e, stack)
			}
			async[id] = stack[:len(stack)-1]
		case "i", "M", "C":
		default:
			return fmt.Errorf("event %d is of no known kind: %v", i, e)
		}
	}
	for id, stack := range async {
		if len(stack) > 0 {
			return fmt.Errorf("%s does not end: %v", id, stack)
		}
	}
	return nil
}

func TestAnyMarksMakeAValidFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &recording.Recording{Result: recording.Result{Servers: []recording.Server{{ID: "select", Language: "go"}}}}
		track := recording.Track{
			Lanes: []recording.Lane{{ID: 0, Kind: "thread", Name: "thread 1"}, {ID: 1, Kind: "connection", Name: "fast 1"},
				{ID: 2, Kind: "task", Name: "task 2 · fast 1"}},
			Sites: []recording.Site{{File: "runnable/select/main.go", Line: 7}},
		}
		times := rapid.Int64Range(0, 50)
		for range rapid.IntRange(0, 30).Draw(t, "calls") {
			track.Marks = append(track.Marks, recording.Mark{
				Lane: 0, At: times.Draw(t, "at"), Took: times.Draw(t, "took"), Call: "read", FD: 7, Site: 0,
				State: rapid.SampledFrom([]recording.State{recording.Blocked, recording.Called, recording.Again}).Draw(t, "state"),
				Count: rapid.IntRange(1, 2).Draw(t, "count"), Task: rapid.SampledFrom([]int{0, 3}).Draw(t, "task"),
			})
		}
		for lane, state := range map[int]recording.State{1: recording.Idle, 2: recording.Parked} {
			at := int64(0)
			for range rapid.IntRange(0, 9).Draw(t, "states") { // one after the other, as the picture makes them
				took := times.Draw(t, "took")
				track.Marks = append(track.Marks, recording.Mark{Lane: lane, At: at, Took: took, State: state, FD: -1, Count: 1,
					Site: -1})
				at += took + rapid.Int64Range(0, 1).Draw(t, "gap")
			}
		}
		r.Tracks = []recording.Track{track}
		var b bytes.Buffer
		if err := Write(&b, r); err != nil {
			t.Fatal(err)
		}
		if err := validate(b.Bytes()); err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
	})
}

// The file is data: any text of a recording is in it unchanged.
func TestHostileTextsStayAsTheyAre(t *testing.T) {
	for where, r := range recordingtest.Hostile(recordingtest.All()) {
		var b bytes.Buffer
		if err := Write(&b, r); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if err := validate(b.Bytes()); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		var f file
		if err := json.Unmarshal(b.Bytes(), &f); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		// three bytes
		if got, want := f.OtherData["machine"], strings.ToValidUTF8(r.Machine, "\ufffd\ufffd\ufffd"); got != want {
			t.Errorf("%s: the machine is %q, want %q", where, got, want)
		}
	}
}
