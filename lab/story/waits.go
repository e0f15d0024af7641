package story

import (
	"fmt"
	"slices"

	"era/lab/recording"
	"era/lab/words"
)

// noticeable is how long a thread must have slept in one call before that explains anything.
const noticeable = 50 * ms

// otherSleeps are calls that do not sleep for one client.
var otherSleeps = []string{"accept", "socket", "sleep"}

// sleeps finds a thread's first long sleep in a call for one descriptor.
func sleeps(r *run, s *side) []found {
	var first, longest *recording.Mark
	times := 0
	each := func(do func(m *recording.Mark)) {
		for _, l := range s.of("thread") {
			for i := range l.calls {
				m := &l.calls[i]
				if m.State == recording.Blocked && m.Took >= noticeable && !slices.Contains(otherSleeps, m.Call) {
					do(m)
				}
			}
		}
	}
	each(func(m *recording.Mark) {
		if longest == nil || m.Took > longest.Took {
			longest = m
		}
	})
	if longest == nil {
		return nil
	}
	each(func(m *recording.Mark) {
		if m.Took < longest.Took/2 {
			return
		}
		if times++; first == nil || m.At < first.At {
			first = m
		}
	})
	l := &s.lanes[first.Lane]
	text := fmt.Sprintf("%s falls asleep in %s", l.Name, first.Call)
	c := s.clientOf(first)
	state := recording.State("")
	if c != nil {
		state = c.state(first.At + first.Took/2)
	}
	score := 60.0
	switch {
	case first.Call == "read" && state == recording.Paused && r.types(c.Group):
		text += fmt.Sprintf(" for %s, on the descriptor of %s, which has sent a part of its request", span(first.Took),
			s.client(c))
	case first.Call == "read" && state == recording.Unanswered:
		text += ": the backend has not answered yet"
	case first.Call == "write" && c != nil && state != recording.Unanswered:
		text += fmt.Sprintf(" for %s: %s does not take its reply", span(first.Took), s.client(c))
	default:
		text += " for " + span(first.Took)
		score = 40
	}
	if s.seen.Threads == 1 && times > 1 && s.Events.Dropped == 0 {
		text += fmt.Sprintf("; it does so %s, one after the other", words.Times(times))
	}
	return []found{{Moment: s.at(first.At, l, "blocked", "%s", text), n: times, cause: true,
		score: score + 35*float64(first.Took)/float64(r.length)}}
}

// computes finds the longest time in which the only thread makes no call, though clients wait.
func computes(r *run, s *side) []found {
	threads := s.of("thread")
	if len(threads) != 1 || s.Again > 0 && s.Again > 50*int64(s.Requests.Answered) {
		return nil
	}
	l := threads[0]
	var from, took int64
	for _, bar := range l.bars {
		at := bar.At
		for _, m := range l.calls {
			if end := m.At + m.Took; m.At >= bar.At && end <= bar.At+bar.Took {
				if m.At-at > took {
					from, took = at, m.At-at
				}
				at = max(at, end)
			}
		}
		if end := bar.At + bar.Took; end-at > took {
			from, took = at, end-at
		}
	}
	// A trace that is not complete has gaps of its own.
	if took < 4*noticeable || s.Events.Dropped > 0 {
		return nil
	}
	clients, middle := s.of("connection"), from+took/2
	if in(clients, recording.Unanswered, middle)+in(clients, recording.Queued, middle) == 0 {
		return nil
	}
	return []found{{Moment: s.at(from, l, "computing", "%s computes: it makes no call for %s, and looks at no connection",
		l.Name, span(took)), cause: true, score: 70 + 25*float64(took)/float64(r.length)}}
}

// idles finds when the only thread goes to sleep until any of many descriptors is ready, though clients wait that ask
// for nothing but its work: it has forgotten them.
func idles(r *run, s *side) []found {
	threads := s.of("thread")
	if len(threads) != 1 || len(r.script) == 0 {
		return nil
	}
	for i := range threads[0].calls {
		m := &threads[0].calls[i]
		if m.State != recording.Waiting || m.Took < r.length/4 {
			continue
		}
		var forgotten []string
		all := 0
		for j := range s.groups {
			g := &s.groups[j]
			n := 0
			for _, bar := range spans(g.lanes, recording.Unanswered) {
				if bar.At <= m.At && bar.At+bar.Took >= m.At+m.Took*9/10 {
					n++
				}
			}
			if n > 0 && !r.asks(g.name) {
				forgotten = append(forgotten, g.some(n))
				all += n
			}
		}
		if len(forgotten) > 0 {
			return []found{{Moment: s.at(m.At, threads[0], "forgotten", "%s falls asleep in %s for %s, though %s still %s",
				threads[0].Name, m.Call, span(m.Took), words.And(forgotten), words.Verb(all, "waits", "wait")), cause: true,
				score: 85}}
		}
	}
	return nil
}

// queues finds the time when the most clients are connected and not accepted.
func queues(r *run, s *side) (all []found) {
	for i := range s.groups {
		g := &s.groups[i]
		queued := spans(g.lanes, recording.Queued)
		n, at, _ := peak(queued)
		took := mean(queued)
		if n < 2 || n < g.clients/5 || took < 10*ms || took < r.length/25 {
			continue
		}
		accepted := 0
		for _, l := range g.lanes {
			if len(l.bars) > 0 && (l.bars[0].State != recording.Queued || l.bars[0].At+l.bars[0].Took <= at) {
				accepted++
			}
		}
		text := fmt.Sprintf("%s %s connected and not accepted yet", g.some(n), words.Verb(n, "is", "are"))
		if accepted == 0 {
			text = fmt.Sprintf("%s are connected, and none of them is accepted", g.some(n))
		}
		threads := s.of("thread")
		if len(threads) == 1 {
			if call := threads[0].sleeping(at); call != nil {
				text += fmt.Sprintf(": %s sleeps in %s", threads[0].Name, call.Call)
			}
		}
		all = append(all, found{Moment: s.at(at, nil, "queued", "%s", text), about: g.name, n: n, cause: true,
			score: 45 + min(40, 100*float64(took)/float64(r.length))})
	}
	return all
}

// waits finds the time when the most clients have asked and wait, and what the server holds for them.
func waits(r *run, s *side) (all []found) {
	for i := range s.groups {
		g := &s.groups[i]
		asked := spans(g.lanes, recording.Unanswered)
		n, from, to := peak(asked)
		took := mean(asked)
		short := to-from < max(2*ms, r.length/200) || took < max(10*ms, r.length/50)
		if n < 2 || n < g.clients/4 || short || len(asked) > 2*g.clients {
			continue
		}
		f := found{about: g.name, n: n, score: 50}
		at := (from + to) / 2 // those that asked last have then reached the server
		text := fmt.Sprintf("%s %s asked and %s", g.some(n), words.Verb(n, "has", "have"), words.Verb(n, "waits", "wait"))
		if g.answered(at) == 0 {
			text = fmt.Sprintf("%s %s asked, and none has an answer yet", g.some(n), words.Verb(n, "has", "have"))
		}
		atOnce := s.seen.Backend.AtOnce
		holding, how := s.holding(g, n, at)
		switch {
		case r.asks(g.name) && atOnce > 0 && atOnce <= n/2:
			f.how = "few"
			text += fmt.Sprintf(": the backend never has more than %s at a time", words.Plural(atOnce, "question"))
			f.score += 20
		case holding != "":
			text += "; " + holding
			f.how = how
			f.score += 15
		}
		f.Moment = s.at(at, nil, "asked", "%s", text)
		all = append(all, f)
	}
	return all
}

// holding says what the server has of n clients that wait: a sleeping thread for each, parked tasks, or one thread for
// all of them.
func (s *side) holding(g *group, n int, at int64) (text, how string) {
	asleep, theirs := map[string]int{}, map[string]map[*lane]bool{}
	most := ""
	for _, l := range s.of("thread") {
		m := l.sleeping(at)
		if m == nil || m.Call == "accept" {
			continue
		}
		if asleep[m.Call]++; asleep[m.Call] > asleep[most] {
			most = m.Call
		}
		if c := s.clientOf(m); c != nil && c.Group == g.name {
			if theirs[m.Call] == nil {
				theirs[m.Call] = map[*lane]bool{}
			}
			theirs[m.Call][c] = true
		}
	}
	threads := fmt.Sprintf("%s threads sleep in %s", words.Number(asleep[most]), most)
	if most == "sleep" {
		threads = fmt.Sprintf("%s threads have called sleep", words.Number(asleep[most]))
	}
	if len(theirs[most]) == asleep[most] {
		threads += ", each for one of them"
	}
	kind := "task"
	if len(s.of("coroutine")) > 0 {
		kind = "coroutine"
	}
	parked := 0
	for _, l := range s.of(kind) {
		if l.Group == g.name && l.state(at) == recording.Parked {
			parked++
		}
	}
	switch {
	case asleep[most] >= n*4/5 && asleep[most] > 1:
		return threads, "threads"
	case asleep[most] > 1:
		return "meanwhile " + threads, "some threads"
	case parked >= n*4/5 && s.seen.Threads == 1:
		return fmt.Sprintf("%s are parked, on one thread", words.Plural(parked, kind)), "parked"
	case s.seen.Threads == 1 && len(s.of("task", "coroutine")) == 0:
		return "one thread serves them all", "one thread"
	}
	return "", ""
}

// polls is about a server that calls in vain remarkably often.
func polls(r *run, s *side) []found {
	if s.Again <= 50*int64(max(s.Requests.Answered, 1)) {
		return nil
	}
	counts, first := map[string]int{}, map[string]*recording.Mark{}
	for _, l := range s.of("thread") {
		for i, m := range l.calls {
			if m.State != recording.Again {
				continue
			}
			counts[m.Call] += m.Count
			if first[m.Call] == nil {
				first[m.Call] = &l.calls[i]
			}
		}
	}
	call := ""
	for name, n := range counts {
		if call == "" || n > counts[call] || n == counts[call] && name < call {
			call = name
		}
	}
	for name, n := range counts { // a call for a client tells more than one for the next client
		if call == "accept" && name != call && n >= counts[call]/2 {
			call = name
		}
	}
	if call == "" {
		return nil
	}
	m := first[call]
	often := words.Times(s.Again)
	if s.Events.Dropped > 0 {
		often = "more than " + often
	}
	l, what := &s.lanes[m.Lane], "nothing"
	if call == "write" {
		what = "no room"
	}
	return []found{{Moment: s.at(m.At, l, "again",
		"%s calls %s and finds "+what+", again and again: by the end its calls have returned EAGAIN %s", l.Name, call, often),
		score: 75}}
}
