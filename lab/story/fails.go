package story

import (
	"fmt"
	"slices"
	"strings"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/words"
)

// outcome is how clients that failed are spoken of: one "gives up", several "give up".
type outcome struct{ one, many string }

func (r *run) outcome(why string) outcome {
	if status, is := strings.CutPrefix(why, "status "); is {
		return outcome{"gets the status " + status, "get the status " + status}
	}
	if code, is := strings.CutPrefix(why, "closed by the server with "); is {
		return outcome{"is sent away by the server: " + code, "are sent away by the server: " + code}
	}
	switch why {
	case recording.GaveUp:
		return outcome{"gives up", "give up"}
	case "connection refused":
		return outcome{"is refused: nothing listens there", "are refused: nothing listens there"}
	case "reset by the client":
		return outcome{"hangs up", "hang up"}
	case "reset by the server":
		return outcome{"is cut off by the server", "are cut off by the server"}
	case "closed by the server":
		return outcome{"loses its connection: the server has closed it", "lose their connections: the server has closed them"}
	case "closed by the server before the reply was complete":
		return outcome{"loses its connection before the reply is complete",
			"lose their connections before their replies are complete"}
	}
	if strings.HasPrefix(why, recording.AnotherBody) {
		if r.scenario.Name == "after-first-chunk" {
			return outcome{"takes half of its rows for the whole", "take half of their rows for the whole"}
		}
		return outcome{"gets another text than it wanted", "get another text than they wanted"}
	}
	return outcome{"fails: " + why, "fail: " + why}
}

// fails finds when clients end without what they wanted: many at once, or the first of them.
func fails(r *run, s *side) (all []found) {
	for i := range s.groups {
		g := &s.groups[i]
		alike := map[outcome][]recording.Mark{}
		for _, l := range g.lanes {
			for _, m := range l.ends {
				if m.State == recording.Failed {
					says := r.outcome(m.Errno)
					alike[says] = append(alike[says], m)
				}
			}
		}
		for _, marks := range alike {
			all = append(all, r.failed(s, g, marks))
		}
	}
	// A map has no order, and a story always has the same.
	slices.SortFunc(all, func(a, b found) int { return strings.Compare(a.Words, b.Words) })
	return all
}

func (r *run) failed(s *side, g *group, marks []recording.Mark) found {
	why := marks[0].Errno
	slices.SortFunc(marks, func(a, b recording.Mark) int { return int(a.At - b.At) })
	lanes := map[int]bool{}
	for _, m := range marks {
		lanes[m.Lane] = true
	}
	first, last, n := marks[0], marks[len(marks)-1], len(lanes)
	says := r.outcome(why)
	f := found{about: g.name + " " + why, n: n, score: 60 + 25*float64(n)/float64(g.clients)}
	if why == "reset by the client" { // they wanted to
		f.score = 40
	}
	if why == recording.Lost {
		f.n = len(marks)
		f.Moment = s.at(last.At, nil, "failed", "%s not come back and %s as lost",
			words.Plural(len(marks), "datagram")+words.Verb(len(marks), " has", " have"),
			words.Verb(len(marks), "counts", "count"))
		return f
	}
	if n > 1 && last.At-first.At > max(60*ms, r.length/25) {
		f.Moment = s.at(first.At, &s.lanes[first.Lane], "failed", "the first of %s %s %s", words.Number(n), g.many, says.one)
		return f
	}
	text := g.some(n) + " " + words.Verb(n, says.one, says.many)
	var l *lane
	if n == 1 {
		l = &s.lanes[first.Lane]
	}
	if why == recording.GaveUp {
		text += g.gaveUp(first.At, lanes, len(marks), r)
	}
	f.Moment = s.at(last.At, l, "failed", "%s", text)
	return f
}

// gaveUp says what the clients have waited for in vain.
func (g *group) gaveUp(at int64, lanes map[int]bool, requests int, r *run) string {
	queued, answered := 0, 0
	for _, l := range g.lanes {
		if !lanes[l.ID] {
			continue
		}
		if l.state(at-1) == recording.Queued {
			queued++
		}
		if slices.ContainsFunc(l.ends, func(m recording.Mark) bool { return m.State == recording.Answered }) {
			answered++
		}
	}
	thing := "request"
	if r.scenario.Speaks == catalogue.WebSocket {
		thing = "message"
	}
	had := "have had no answer"
	if thing == "message" {
		had = "have not come back"
	}
	n := len(lanes)
	switch {
	case queued == n:
		return fmt.Sprintf(": %s not been accepted", words.Verb(n, "it has", "they have"))
	case requests > n:
		return fmt.Sprintf(": %s of %s %ss %s", words.Number(requests), words.Verb(n, "its", "their"), thing, had)
	case answered == 0:
		return fmt.Sprintf(": %s had no answer", words.Verb(n, "it has", "they have"))
	}
	return ""
}

// callFails finds the first call of the server that fails because the other end has hung up.
func callFails(r *run, s *side) []found {
	for _, l := range s.of("thread") {
		for i, m := range l.calls {
			if m.State != recording.Failed || m.Errno != "ECONNRESET" && m.Errno != "EPIPE" && m.Errno != "ECONNABORTED" {
				continue
			}
			text := fmt.Sprintf("a %s fails with %s", m.Call, m.Errno)
			if c := s.clientOf(&l.calls[i]); c != nil && c.state(m.At) == "" {
				text += ": its client has hung up"
			}
			return []found{{Moment: s.at(m.At, l, "error", "%s", text), score: 55}}
		}
	}
	return nil
}
