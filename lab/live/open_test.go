package live

import (
	"encoding/json"
	"fmt"
	"testing"

	"era/lab"
	"era/lab/recording"
)

// The page learns of each change of what goes on, and not again of what goes on all the time: it keeps the marks of a
// lane until it gets others, or until the lane is over.
func TestOpenMarksAreSentOnce(t *testing.T) {
	idle := func(lane int, at, now int64) recording.Mark {
		return recording.Mark{Lane: lane, At: at, Took: now - at, State: recording.Idle, FD: -1, Count: 1, Site: -1}
	}
	q, sent := newQueue(), known{}
	page := map[int]string{} // what the page has, by lane
	send := func(now int64, open ...recording.Mark) (n int) {
		t.Helper()
		watcher{q, 1}.Batch(lab.Batch{Now: now, Tracks: []lab.Tracks{{Open: open}}})
		frame, _ := q.take()
		sent.abridge(frame)
		track := frame.(*batch).Tracks[0]
		for _, lane := range track.Over {
			delete(page, lane)
		}
		changed := map[int]string{}
		for _, m := range track.Open {
			changed[m.Lane] += fmt.Sprintf("%s %d+%d ", m.State, m.At, m.Took)
		}
		for lane, marks := range changed {
			page[lane] = marks
		}
		return len(track.Open)
	}
	want := func(n, sent int, lanes map[int]string) {
		t.Helper()
		if n != sent || fmt.Sprint(page) != fmt.Sprint(lanes) {
			t.Errorf("%d marks were sent and the page has %v, want %d and %v", n, page, sent, lanes)
		}
	}
	done := recording.Mark{Lane: 2, At: 10, Took: 20, State: recording.Running, Count: 1} // over, not yet final
	call := func(now int64) recording.Mark {
		return recording.Mark{Lane: 2, At: 30, Took: now - 30, State: recording.Blocked, Call: "read", Count: 1}
	}
	want(send(60, idle(7, 5, 60), done, idle(1, 5, 60), call(60)), 4,
		map[int]string{1: "idle 5+-1 ", 2: "running 10+20 blocked 30+-1 ", 7: "idle 5+-1 "})
	want(send(120, idle(1, 5, 120), call(120), idle(7, 100, 120)), 2,
		map[int]string{1: "idle 5+-1 ", 2: "blocked 30+-1 ", 7: "idle 100+-1 "})
	want(send(180, idle(7, 100, 180), call(180)), 0, map[int]string{2: "blocked 30+-1 ", 7: "idle 100+-1 "})
	want(send(240), 0, map[int]string{})
	sent.abridge(started{})
	want(send(300, call(300)), 1, map[int]string{2: "blocked 30+-1 "})
}

// While ten thousand connections do nothing, a batch is small.
func TestIdleConnectionsMakeSmallBatches(t *testing.T) {
	var sent known
	size := func(now int64, lanes int) int {
		b := &batch{Now: now, Tracks: []news{{}}}
		for lane := range lanes {
			b.Tracks[0].Open = append(b.Tracks[0].Open, recording.Mark{Lane: lane, Took: now, State: recording.Idle, Count: 1})
		}
		sent.abridge(b)
		data, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		return len(data)
	}
	first, second := size(60, 10_000), size(120, 10_001)
	if second > first/100 {
		t.Errorf("with one connection more a batch has %d bytes, after %d", second, first)
	}
}

func BenchmarkOpen(b *testing.B) {
	var sent known
	open := make([]recording.Mark, 10_000)
	for i := range open {
		open[i] = recording.Mark{Lane: i, State: recording.Idle, Count: 1}
	}
	for now := int64(0); b.Loop(); now += 60 {
		sent.abridge(&batch{Now: now, Tracks: []news{{Tracks: lab.Tracks{Open: open}}}})
	}
}
