package story

import (
	"fmt"
	"strings"

	"era/lab/recording"
	"era/lab/words"
)

// holds finds when a reply first finds no room, as its client does not read, and stays so.
func holds(r *run, s *side) []found {
	var first *recording.Mark
	var of *lane
	for _, l := range s.of("task", "coroutine", "connection") {
		for i, m := range l.bars {
			if m.State == recording.Backpressure && m.Took >= noticeable && (first == nil || m.At < first.At) {
				first, of = &l.bars[i], l
			}
		}
	}
	if first == nil {
		return nil
	}
	g := s.group(of.Group)
	who := "its client"
	if g != nil && g.clients == 1 {
		who = "the " + g.one
	}
	text := who + " takes no more: the buffers of its connection are full"
	switch {
	case of.Kind != "connection":
		text = fmt.Sprintf("%s stops: it waits until %s has taken some of the reply", task(of), who)
	case first.Result > 0:
		text = fmt.Sprintf("%s takes no more; what the server keeps for it has risen above its high-water mark, to %s", who,
			words.Bytes(first.Result))
	}
	return []found{{Moment: s.at(first.At, of, "backpressure", "%s", text), score: 70}}
}

// resumes finds when a client that did not read reads on, if it is known what the server had asked its backend until
// then.
func resumes(r *run, s *side) []found {
	asked := s.seen.Backend
	if asked.AskedUnread == 0 {
		return nil
	}
	for i := range s.groups {
		g := &s.groups[i]
		if g.clients != 1 || r.types(g.name) {
			continue
		}
		var longest *recording.Mark
		l := g.lanes[0]
		for j, m := range l.bars {
			if (m.State == recording.Paused || m.State == recording.Backpressure) && m.Took >= noticeable &&
				(longest == nil || m.Took > longest.Took) {
				longest = &l.bars[j]
			}
		}
		if longest == nil {
			continue
		}
		f := found{n: asked.AskedUnread, about: g.name, score: 40}
		text := fmt.Sprintf("the %s begins to read", g.one)
		if asked.Asked > 1 {
			text += fmt.Sprintf("; until then the server has asked its backend %s of %s questions",
				words.Number(asked.AskedUnread), words.Number(asked.Asked))
			f.score = 66
		}
		f.Moment = s.at(longest.At+longest.Took, l, "resumes", "%s", text)
		return []found{f}
	}
	return nil
}

// leftOvers finds tasks that go on when no client waits any more, and end before their clients have left.
func leftOvers(r *run, s *side) []found {
	var over int64
	left := map[string]int64{} // when each client's connection was over
	for _, l := range s.of("connection") {
		for _, m := range l.ends {
			over = max(over, m.At)
		}
		for _, m := range l.bars {
			left[l.Name] = max(left[l.Name], m.At+m.Took)
		}
	}
	at := over + ms
	n := 0
	var first *lane
	var last int64
	for _, l := range s.of("task", "coroutine") {
		if len(l.ends) == 0 || l.state(at) != recording.Parked {
			continue
		}
		_, client, _ := strings.Cut(l.Name, " · ")
		if end := l.ends[len(l.ends)-1].At; end > at+noticeable && end < left[client]-20*ms {
			if n++; first == nil {
				first = l
			}
			last = max(last, end)
		}
	}
	if n < 2 {
		return nil
	}
	return []found{{Moment: s.at(at, first, "left-over",
		"no client waits for a reply any more, and %s tasks go on, the last of them for another %s", words.Number(n),
		span(last-at)), n: n, score: 72}}
}

// task is a task's name without its client.
func task(l *lane) string {
	name, _, _ := strings.Cut(l.Name, " · ")
	return name
}

// cancels finds the first task that is asked to end, other than by the end of the server.
func cancels(r *run, s *side) []found {
	lanes := map[int]bool{}
	var first *recording.Mark
	for _, l := range s.of("task", "coroutine") {
		for i, m := range l.ends {
			if m.State != recording.Cancelled || s.told > 0 && m.At >= s.told {
				continue
			}
			lanes[m.Lane] = true
			if first == nil || m.At < first.At {
				first = &l.ends[i]
			}
		}
	}
	if first == nil {
		return nil
	}
	l := &s.lanes[first.Lane]
	text := fmt.Sprintf("%s is cancelled", task(l))
	if n := len(lanes); n > 1 {
		text = fmt.Sprintf("%s is the first of %s tasks to be cancelled", task(l), words.Number(n))
	}
	return []found{{Moment: s.at(first.At, l, "cancelled", "%s", text), n: len(lanes), score: 65}}
}
