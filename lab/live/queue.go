package live

import (
	"slices"
	"sync"

	"era/lab"
	"era/lab/timeline"
)

// maxWaiting is how many marks of one server may wait for a slow page. If there are more, calls are summed up; what is
// then still too much is dropped and counted.
const maxWaiting = 80_000

// queue holds frames for a page that reads slowly. A writer never waits for it: batches that the page has not taken yet
// are merged into one.
type queue struct {
	mu     sync.Mutex
	frames []any
	lost   []int64 // marks dropped here, by server of the current run
	some   chan struct{}
}

func newQueue() *queue { return &queue{some: make(chan struct{}, 1)} }

func (q *queue) put(frame any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch f := frame.(type) {
	case started:
		q.lost = make([]int64, len(f.Experiment.Servers))
	case *trace: // one is large, and a second one says the same
		if slices.ContainsFunc(q.frames, func(f any) bool { _, is := f.(*trace); return is }) {
			return
		}
	case phase: // only the last one matters
		if _, is := q.last().(phase); is {
			q.frames = q.frames[:len(q.frames)-1]
		}
	case *batch:
		if len(q.lost) != len(f.Tracks) {
			q.lost = make([]int64, len(f.Tracks))
		}
		if last, is := q.last().(*batch); is && len(last.Tracks) == len(f.Tracks) {
			q.merge(last, f)
			return
		}
		q.count(f)
	}
	q.frames = append(q.frames, frame)
	select {
	case q.some <- struct{}{}:
	default:
	}
}

func (q *queue) last() any {
	if len(q.frames) == 0 {
		return nil
	}
	return q.frames[len(q.frames)-1]
}

// merge adds a batch to one that still waits.
func (q *queue) merge(into, b *batch) {
	into.Now = b.Now
	for i := range b.Tracks {
		t, add := &into.Tracks[i], b.Tracks[i]
		if !into.merged { // the lists are slices of the lab's: appending to them would overwrite what follows there
			t.Lanes, t.Sites, t.Marks = slices.Clip(t.Lanes), slices.Clip(t.Sites), slices.Clip(t.Marks)
		}
		t.Lanes, t.Sites, t.Open = append(t.Lanes, add.Lanes...), append(t.Sites, add.Sites...), add.Open
		if t.Marks = append(t.Marks, add.Marks...); len(t.Marks) > maxWaiting {
			t.Marks = timeline.Sum(t.Marks)
		}
		if over := len(t.Marks) - maxWaiting; over > 0 {
			q.lost[i] += int64(over)
			t.Marks = t.Marks[:maxWaiting]
		}
		if add.Rows != nil {
			t.Rows = add.Rows
		}
		t.Sent, t.Answered, t.Dropped, t.Told, t.Died = add.Sent, add.Answered, add.Dropped, add.Told, add.Died
	}
	into.merged = true
	q.count(into)
}

// count adds what was dropped here to what was dropped before.
func (q *queue) count(b *batch) {
	for i := range b.Tracks {
		b.Tracks[i].Dropped += q.lost[i]
	}
}

// length returns how many frames wait.
func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.frames)
}

// take returns the next frame; false if the queue is empty.
func (q *queue) take() (any, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.frames) == 0 {
		return nil, false
	}
	frame := q.frames[0]
	q.frames = q.frames[1:]
	return frame, true
}

// watcher puts the events of an experiment into a queue.
type watcher struct {
	*queue
	run uint32
}

func (w watcher) Phase(text string) { w.put(phase{head: head{"phase", w.run}, Text: text + " …"}) }
func (w watcher) Building(b lab.Building) {
	w.put(phase{head{"phase", w.run}, b.What() + " …", b.Far(), b.Done, b.Of})
}
func (w watcher) Started(s lab.Started) { w.put(started{head{"started", w.run}, s}) }
func (w watcher) Batch(b lab.Batch) {
	f := &batch{head: head{"batch", w.run}, Now: b.Now}
	for _, t := range b.Tracks {
		f.Tracks = append(f.Tracks, news{Tracks: t})
	}
	w.put(f)
}
