package lab

import (
	"context"
	"time"

	"era/lab/recording"
	"era/runnable/kit/trace"
)

// terminate tells when the servers shall be told to end; never, if the script does not want it.
func (x *experiment) terminate(start time.Time) <-chan time.Time {
	if x.script.Terminate == 0 {
		return nil
	}
	return time.After(time.Until(start.Add(x.script.Terminate)))
}

// awaitEnds waits until those that were told to end have ended, or the time is over.
func (x *experiment) awaitEnds(ctx context.Context) {
	if x.script.Terminate == 0 {
		return
	}
	for _, s := range x.sides {
		select {
		case <-s.process.Done():
		case <-ctx.Done():
		}
	}
}

// terminate tells the server to end. One that has ended already is not told.
func (s *side) terminate() {
	if s.diedAt != 0 {
		return
	}
	now := int64(trace.Now())
	s.toldAt = now - s.picture.Zero()
	s.picture.Told(now)
	s.process.Terminate()
}

// told is what became of that.
func (s *side) told() *recording.Told {
	if s.toldAt == 0 {
		return nil
	}
	t := &recording.Told{AtMS: toMS(s.toldAt)}
	if s.diedAt != 0 {
		t.TookMS = toMS(s.diedAt - s.toldAt)
	}
	return t
}
