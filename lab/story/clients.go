package story

import (
	"fmt"
	"slices"

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
			g.some(n), words.Verb(n, "has", "have")), about: g.name, n: n, score: 52})
	}
	return all
}

// retries finds when the first client is connected that found the listen queue full: the kernel has sent its SYN again.
func retries(r *run, s *side) []found {
	if s.seen.Retried == 0 {
		return nil
	}
	for i := range s.groups {
		g := &s.groups[i]
		start := int64(r.script[g.name].Start)
		var late []*lane
		for _, l := range g.lanes {
			if len(l.bars) > 0 && l.bars[0].At-start >= 900*ms {
				late = append(late, l)
			}
		}
		if len(late) != s.seen.Retried || len(r.script) == 0 {
			continue
		}
		first := slices.MinFunc(late, func(a, b *lane) int { return int(a.bars[0].At - b.bars[0].At) })
		return []found{{Moment: s.at(first.bars[0].At, first, "retried",
			"the first of %s %s is connected for which the listen queue was full; the kernel has tried again",
			words.Number(len(late)), g.many), about: g.name, n: len(late), score: 70}}
	}
	return nil
}

// asks and leaves find what every run has. They are told where there is nothing else.
func asks(r *run, s *side) []found {
	var first *recording.Mark
	for _, m := range spans(s.of("connection"), recording.Unanswered) {
		if first == nil || m.At < first.At {
			first = &m
		}
	}
	if first == nil {
		return nil
	}
	l := &s.lanes[first.Lane]
	return []found{{Moment: s.at(first.At, l, "asks", "the first request is sent, and waits for its answer"), score: 24}}
}

func leaves(r *run, s *side) []found {
	var last *recording.Mark
	for _, l := range s.of("connection") {
		for i, m := range l.bars {
			if last == nil || m.At+m.Took > last.At+last.Took {
				last = &l.bars[i]
			}
		}
	}
	if last == nil {
		return nil
	}
	return []found{{Moment: s.at(last.At+last.Took, &s.lanes[last.Lane], "leaves", "the last client has left"), score: 22}}
}
