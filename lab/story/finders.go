package story

import (
	"fmt"
	"strings"

	"era/lab/recording"
	"era/lab/words"
)

// A finder looks for one kind of moment on one server.
type finder func(*run, *side) []found

var finders = []finder{
	sleeps, computes, idles, queues, waits, polls, // why clients wait
	answers, single, firstBytes, firstAnswer, lastAnswer, // what they get
	fails, callFails, // or do not
	holds, resumes, cancels, leftOvers, // what becomes of bytes and tasks
	told, ends,
	silent, typing, retries, // what the clients do
	asks, leaves,
}

// at makes a moment of a side.
func (s *side) at(at int64, l *lane, kind, format string, args ...any) Moment {
	m := Moment{At: at, Server: s.index, Lane: -1, Kind: kind, Words: capital(fmt.Sprintf(format, args...)) + "."}
	if l != nil {
		m.Lane = l.ID
	}
	return m
}

// span is a time as text.
func span(took int64) string { return words.Millis(float64(took) / 1e6) }

// clientOf returns the connection for which a thread made a call, nil if it is not known.
func (s *side) clientOf(m *recording.Mark) *lane { return s.calls[call{m.At, m.Took, m.Call, m.FD}] }

// client names one client: "the slow client" if there is only one of its group, or else "a fast client".
func (s *side) client(l *lane) string {
	g := s.group(l.Group)
	switch {
	case g == nil:
		return "a client"
	case g.clients == 1:
		return "the " + g.one
	case strings.ContainsAny(g.one[:1], "aeiou"):
		return "an " + g.one
	}
	return "a " + g.one
}
