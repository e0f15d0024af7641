package story

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/words"
)

// answers finds the time when a group of clients has all its answers.
func answers(r *run, s *side) (all []found) {
	for i := range s.groups {
		g := &s.groups[i]
		at := g.answers()
		if g.clients < 2 || len(at) == 0 || g.answered(r.length) < g.clients || s.PerGroup[g.name].Requests.Failed > 0 {
			continue
		}
		last := at[len(at)-1]
		text := fmt.Sprintf("%s have their answers", g.some(g.clients))
		if len(at) > g.clients {
			text = fmt.Sprintf("%s have all their %s", g.some(g.clients), r.answer(len(at)))
		}
		text += r.meanwhile(s, g, last)
		behind, ahead := r.others(s, g, last)
		late, longest := r.behind(s, g.name), s.PerGroup[g.name].Latency.Max
		switch {
		case len(behind) > 0:
			text += "; " + words.And(behind)
		case late && longest >= 100 && len(at) == g.clients:
			text += "; the unluckiest has waited for " + words.Millis(longest)
		case ahead > r.near() && ahead > last/4:
			text += fmt.Sprintf(", %s after the first server's", span(ahead))
		}
		score := 60.0
		if i > 0 && !late {
			score = 40
		}
		if len(behind) > 0 || ahead > r.near() {
			score += 20
		}
		all = append(all, found{Moment: s.at(last, nil, "answered", "%s", text), about: g.name, n: g.clients, score: score})
	}
	return all
}

// answer names answers as the protocol has them: "answer", "20 answers".
func (r *run) answer(n int) string {
	thing, back := "answer", ""
	switch r.scenario.Speaks {
	case catalogue.WebSocket:
		thing, back = "message", " back"
	case catalogue.Datagrams:
		thing, back = "datagram", " back"
	}
	if n == 1 {
		return thing + back
	}
	return words.Plural(n, thing) + back
}

// meanwhile says what the clients of another group still do, if all of them do the same.
func (r *run) meanwhile(s *side, g *group, at int64) string {
	for i := range s.groups {
		other := &s.groups[i]
		if other.name == g.name {
			continue
		}
		n := other.clients
		idle, untaken := 0, 0
		for _, l := range other.lanes {
			switch state := l.state(at); {
			case state == recording.Backpressure || state == recording.Paused && !r.types(other.name) && len(r.script) > 0:
				untaken++
			case state == recording.Paused:
				idle++
			}
		}
		switch n {
		case untaken:
			return fmt.Sprintf(", while %s %s not taken %s", other.some(n), words.Verb(n, "has", "have"),
				words.Verb(n, "its reply", "their replies"))
		case idle:
			return fmt.Sprintf(", while %s %s", other.some(n), words.Verb(n, "pauses", "pause"))
		case in(other.lanes, recording.Unanswered, at):
			return fmt.Sprintf(", while %s still %s", other.some(n), words.Verb(n, "waits", "wait"))
		}
	}
	return ""
}

// others says what other servers have achieved by then, if that is at most half; else how much earlier another one was.
func (r *run) others(s *side, g *group, at int64) (behind []string, ahead int64) {
	by := map[int][]string{}
	for _, o := range r.sides {
		theirs := o.group(g.name)
		if o == s || theirs == nil {
			continue
		}
		all := theirs.answers()
		n, _ := slices.BinarySearch(all, at+1)
		complete := len(all) > 0 && o.PerGroup[g.name].Requests.Failed == 0
		switch {
		case complete && all[len(all)-1] <= at:
			ahead = max(ahead, at-all[len(all)-1])
		case complete && all[len(all)-1] <= at+r.near(): // about as soon
		case n == 0 || n <= o.PerGroup[g.name].Requests.Answered/2 || !complete && n <= len(g.answers())/2:
			by[n] = append(by[n], o.title)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(by)) {
		count := "none of them"
		if n > 0 {
			count = words.Number(n)
		}
		did := " answered "
		if r.scenario.Speaks == catalogue.WebSocket {
			did = " sent back "
		}
		behind = append(behind, words.And(by[n])+words.Verb(len(by[n]), " has", " have")+did+count)
	}
	return behind, ahead
}

// single finds when a client that is the only one of its group has its answer.
func single(r *run, s *side) (all []found) {
	for i := range s.groups {
		g := &s.groups[i]
		at := g.answers()
		if g.clients != 1 || len(at) == 0 || s.PerGroup[g.name].Requests.Failed > 0 {
			continue
		}
		text := fmt.Sprintf("the %s has its %s", g.one, r.answer(1))
		if len(at) > 1 {
			text = fmt.Sprintf("the %s has the last of its %s", g.one, r.answer(len(at)))
		}
		all = append(all, found{Moment: s.at(at[len(at)-1], g.lanes[0], "answered", "%s", text), about: g.name, n: 1,
			score: 60})
	}
	return all
}

// firstBytes finds when the first byte of a reply arrives, where replies come in pieces.
func firstBytes(r *run, s *side) []found {
	if !r.scenario.InPieces {
		return nil
	}
	// Some groups of such a scenario may have short replies.
	var begun []recording.Mark
	var of *group
	for i := range s.groups {
		g := &s.groups[i]
		if all := spans(g.lanes, recording.Answering); len(all) > 0 && mean(all) > mean(begun) {
			begun, of = all, g
		}
	}
	if len(begun) == 0 {
		return nil
	}
	first := slices.MinFunc(begun, func(a, b recording.Mark) int { return int(a.At - b.At) })
	l := &s.lanes[first.Lane]
	f := found{about: of.name, score: 62}
	rest := "the rest takes " + span(mean(begun))
	if mean(begun) < noticeable {
		rest, f.how = "and the rest comes with it", "at once"
	}
	f.Moment = s.at(first.At, l, "first-byte", "%s has the first bytes of its reply, %s", s.client(l), rest)
	if of.clients == 1 {
		return []found{f}
	}
	f.Moment = s.at(first.At, l, "first-byte", "the first of %s %s has the beginning of its reply; %s",
		words.Number(of.clients), of.many, strings.TrimPrefix(rest, "and "))
	return []found{f}
}

// firstAnswer finds when the first of the clients that matter is answered.
func firstAnswer(r *run, s *side) []found {
	if len(s.groups) == 0 || s.groups[0].clients < 2 {
		return nil
	}
	g := &s.groups[0]
	var first *recording.Mark
	for _, l := range g.lanes {
		for i, m := range l.ends {
			if m.State == recording.Answered && (first == nil || m.At < first.At) {
				first = &l.ends[i]
			}
		}
	}
	if first == nil {
		return nil
	}
	l := &s.lanes[first.Lane]
	what := "has its answer"
	if r.scenario.Speaks == catalogue.WebSocket {
		what = "hears its own message"
	}
	m := s.at(first.At, l, "first-answer", "the first of %s %s %s%s", words.Number(g.clients), g.many, what,
		r.meanwhile(s, g, first.At))
	return []found{{Moment: m, about: g.name, n: 1, score: 28}}
}

// lastAnswer finds the last answer of a group that does not have all of them.
func lastAnswer(r *run, s *side) (last []found) {
	for i := range s.groups {
		g := &s.groups[i]
		at, requests := g.answers(), s.PerGroup[g.name].Requests
		if len(at) == 0 || requests.Failed == 0 || len(at) == g.clients {
			continue
		}
		all := requests.Answered + requests.Failed
		text := fmt.Sprintf("the last answer comes: %s of the %s requests of %s have one", words.Number(len(at)),
			words.Number(all), g.many)
		switch {
		case r.scenario.Speaks == catalogue.Datagrams:
			text = fmt.Sprintf("the last datagram comes back: %s of %s have", words.Number(len(at)), words.Number(all))
		case r.scenario.Speaks == catalogue.WebSocket:
			text = fmt.Sprintf("the last message comes back: %s of %s have", words.Number(len(at)), words.Number(all))
		case g.clients == 1:
			text = fmt.Sprintf("the %s has its last answer: %s of the %s that it asked for", g.one, words.Number(len(at)),
				words.Number(all))
		}
		last = append(last, found{Moment: s.at(at[len(at)-1], nil, "last-answer", "%s", text), about: g.name, n: len(at),
			score: 55})
	}
	return last
}
