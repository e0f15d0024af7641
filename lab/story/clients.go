package story

import (
	"fmt"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/words"
)

// silent finds when clients begin to ask beside many that are connected and ask nothing.
func silent(r *run, s *side) []found {
	if len(s.groups) < 2 {
		return nil
	}
	g, others := &s.groups[0], &s.groups[1]
	var first *recording.Mark
	for _, m := range spans(g.lanes, recording.Unanswered) {
		if first == nil || m.At < first.At {
			first = &m
		}
	}
	if first == nil {
		return nil
	}
	n := in(others.lanes, recording.Idle, first.At)
	if n < 20 || n < others.clients/2 {
		return nil
	}
	text := fmt.Sprintf("the first of %s %s asks; %s %s are connected and ask nothing", words.Number(g.clients), g.many,
		words.Number(n), others.many)
	if r.scenario.Speaks == catalogue.WebSocket {
		text = fmt.Sprintf("the first of %s %s speaks; %s %s are in the room as well", words.Number(g.clients), g.many,
			words.Number(n), others.many)
	}
	f := found{about: others.name, n: n, score: 55}
	if holding, how := s.holding(others, n, first.At); holding != "" {
		text += "; " + holding
		f.how = how
		f.score = 65
	}
	f.Moment = s.at(first.At, &s.lanes[first.Lane], "silent", "%s", text)
	return []found{f}
}

// typing finds when the most clients of a group are in the middle of what they send.
func typing(r *run, s *side) (all []found) {
	for i := range s.groups {
		g := &s.groups[i]
		paused := spans(g.lanes, recording.Paused)
		n, at, _ := peak(paused)
		if n < 2 || n < g.clients/2 || mean(paused) < r.length/10 || !r.types(g.name) {
			continue
		}
		all = append(all, found{Moment: s.at(at, nil, "paused", "%s %s begun a request, and not sent all of it",
			g.some(n), verb(n, "has", "have")), about: g.name, n: n, score: 52})
	}
	return all
}
