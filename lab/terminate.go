package lab

import (
	"context"
	"time"

	"era/lab/recording"
	"era/runnable/kit/trace"
)

// awaitEnds waits until the servers that got SIGTERM have ended, or the time is over.
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

// terminate sends SIGTERM to the server, unless it has already ended.
func (s *side) terminate() {
	if s.diedAt != 0 {
		return
	}
	s.terminated = time.Now()
	s.timeline.Told(int64(trace.Now()))
	s.process.Terminate()
}

// ending returns how the server reacted to SIGTERM; nil if it got none.
func (s *side) ending() *recording.Told {
	if s.terminated.IsZero() {
		return nil
	}
	t := &recording.Told{AtMS: toMS(s.timeline.Track().Told)}
	if end := s.process.Ended(); !end.IsZero() {
		t.TookMS = toMS(int64(end.Sub(s.terminated.Round(0)))) // by the wall clock: these are two processes
	}
	return t
}

// exit says how the server ended, if it ended by itself. If all its clients were cut off at once, it is about to end.
func (s *side) exit() string {
	if s.diedAt == 0 && s.tally.broken > 0 {
		select {
		case <-s.process.Done():
			s.diedAt = s.tally.brokenAt
		case <-time.After(200 * time.Millisecond):
		}
	}
	return s.process.Exit()
}
