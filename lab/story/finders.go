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

// A finder looks for one kind of moment on one server.
type finder func(*run, *side) []found

var finders = []finder{
	sleeps, computes, idles, queues, waits, polls, // why clients wait
	answers, single, firstBytes, firstAnswer, lastAnswer, // what they get
	fails, callFails, // or do not
	holds, resumes, cancels, leftOvers, // what becomes of bytes and tasks
	told, ends,
	silent, typing, // what the clients do
}

// noticeable is how long a thread must have slept in one call before that explains anything.
const noticeable = 50 * ms

// at makes a moment of a side.
func (s *side) at(at int64, l *lane, kind, format string, args ...any) Moment {
	m := Moment{At: at, Server: s.index, Lane: -1, Kind: kind, Words: capital(fmt.Sprintf(format, args...)) + "."}
	if l != nil {
		m.Lane = l.ID
	}
	return m
}

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
				threads[0].Name, m.Call, span(m.Took), words.And(forgotten), verb(all, "waits", "wait")), cause: true,
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
		text := fmt.Sprintf("%s %s connected and not accepted yet", g.some(n), verb(n, "is", "are"))
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
		text := fmt.Sprintf("%s %s asked and %s", g.some(n), verb(n, "has", "have"), verb(n, "waits", "wait"))
		if g.answered(at) == 0 {
			text = fmt.Sprintf("%s %s asked, and none has an answer yet", g.some(n), verb(n, "has", "have"))
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
			text = fmt.Sprintf("%s have all their %s, %s in all", g.some(g.clients), r.replies(), words.Number(len(at)))
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

// replies is what its protocol's answers are called.
func (r *run) replies() string {
	if r.scenario.Speaks == catalogue.WebSocket {
		return "messages back"
	}
	return "answers"
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
			return fmt.Sprintf(", while %s %s not taken %s", other.some(n), verb(n, "has", "have"),
				verb(n, "its reply", "their replies"))
		case idle:
			return fmt.Sprintf(", while %s %s", other.some(n), verb(n, "pauses", "pause"))
		case in(other.lanes, recording.Unanswered, at):
			return fmt.Sprintf(", while %s still %s", other.some(n), verb(n, "waits", "wait"))
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
			by[n] = append(by[n], o.name)
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
		behind = append(behind, words.And(by[n])+verb(len(by[n]), " has", " have")+did+count)
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
		text, score := fmt.Sprintf("the %s has its answer", g.one), 60.0
		if len(at) > 1 {
			text = fmt.Sprintf("the %s has the last of its %s answers", g.one, words.Number(len(at)))
		}
		all = append(all, found{Moment: s.at(at[len(at)-1], g.lanes[0], "answered", "%s", text), about: g.name, n: 1,
			score: score})
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
		byReason := map[string][]recording.Mark{}
		for _, l := range g.lanes {
			for _, m := range l.ends {
				if m.State == recording.Failed {
					byReason[m.Errno] = append(byReason[m.Errno], m)
				}
			}
		}
		for why, marks := range byReason {
			all = append(all, r.failed(s, g, why, marks))
		}
	}
	// A map has no order, and a story always has the same.
	slices.SortFunc(all, func(a, b found) int { return strings.Compare(a.Words, b.Words) })
	return all
}

func (r *run) failed(s *side, g *group, why string, marks []recording.Mark) found {
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
			words.Plural(len(marks), "datagram")+verb(len(marks), " has", " have"), verb(len(marks), "counts", "count"))
		return f
	}
	if n > 1 && last.At-first.At > max(60*ms, r.length/25) {
		f.Moment = s.at(first.At, &s.lanes[first.Lane], "failed", "the first of %s %s %s", words.Number(n), g.many, says.one)
		return f
	}
	text := g.some(n) + " " + verb(n, says.one, says.many)
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
	n := len(lanes)
	switch {
	case queued == n:
		return fmt.Sprintf(": %s not been accepted", verb(n, "it has", "they have"))
	case requests > n:
		return fmt.Sprintf(": %s of %s %s %s", words.Number(requests), verb(n, "its", "their"), thing+"s",
			map[bool]string{true: "have not come back", false: "have had no answer"}[thing == "message"])
	case answered == 0:
		return fmt.Sprintf(": %s had no answer", verb(n, "it has", "they have"))
	}
	return ""
}

// callFails finds the first call of the server that fails because a client has hung up.
func callFails(r *run, s *side) []found {
	for _, l := range s.of("thread") {
		for _, m := range l.calls {
			if m.State != recording.Failed || m.Errno != "ECONNRESET" && m.Errno != "EPIPE" && m.Errno != "ECONNABORTED" {
				continue
			}
			return []found{{Moment: s.at(m.At, l, "error", "a %s fails with %s: its client has hung up", m.Call, m.Errno),
				score: 55}}
		}
	}
	return nil
}

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
	f := found{score: 70}
	g := s.group(of.Group)
	who := "its client"
	if g != nil && g.clients == 1 {
		who = "the " + g.one
	}
	switch {
	case of.Kind != "connection":
		f.Moment = s.at(first.At, of, "backpressure", "%s stops: it waits until %s has taken some of the reply", task(of), who)
	case first.Result > 0:
		f.Moment = s.at(first.At, of, "backpressure", "%s takes no more; what the server keeps for it has risen above its high-water mark, to %s", who,
			words.Bytes(first.Result))
	default:
		f.Moment = s.at(first.At, of, "backpressure", "%s takes no more: the buffers of its connection are full", who)
	}
	return []found{f}
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
		if g.clients != 1 {
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

// leftOvers finds tasks that go on when the clients of their group have their replies, and end before these have left.
func leftOvers(r *run, s *side) []found {
	for i := range s.groups {
		g := &s.groups[i]
		var over int64
		for _, l := range g.lanes {
			for _, m := range l.ends {
				over = max(over, m.At)
			}
		}
		left := map[string]int64{} // when each client's connection was over
		for _, l := range g.lanes {
			for _, m := range l.bars {
				left[l.Name] = max(left[l.Name], m.At+m.Took)
			}
		}
		n := 0
		var first *lane
		for _, l := range s.of("task", "coroutine") {
			_, client, _ := strings.Cut(l.Name, " · ")
			if l.Group != g.name || len(l.ends) == 0 || l.state(over+ms) != recording.Parked {
				continue
			}
			if end := l.ends[len(l.ends)-1].At; end > over+noticeable && end < left[client]-20*ms {
				if n++; first == nil {
					first = l
				}
			}
		}
		if n > 1 {
			return []found{{Moment: s.at(over+ms, first, "left-over",
				"no client waits for a reply any more, and %s tasks are still parked", words.Number(n)), about: g.name, n: n, score: 72}}
		}
	}
	return nil
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

// told is when the server gets SIGTERM.
func told(r *run, s *side) []found {
	if s.told == 0 {
		return nil
	}
	text := "the server is told to end, by SIGTERM"
	if len(s.groups) > 0 {
		g := &s.groups[0]
		if n := in(g.lanes, recording.Unanswered, s.told) + in(g.lanes, recording.Answering, s.told); n > 0 {
			text += fmt.Sprintf(", while %s for %s", words.Plural(n, "client")+verb(n, " waits", " wait"),
				verb(n, "its answer", "their answers"))
		}
	}
	return []found{{Moment: s.at(s.told, nil, "told", "%s", text), score: 80}}
}

// ends is when the server ends before the experiment does.
func ends(r *run, s *side) []found {
	switch {
	case s.Told != nil && s.Told.TookMS > 0:
		status, _, _ := strings.Cut(strings.TrimRight(s.Exit, "."), ":")
		text := "the server has ended, with " + status
		if signal, is := strings.CutPrefix(s.Exit, "signal: "); is {
			text = fmt.Sprintf("the server is gone: the signal itself has ended it (%s)", signal)
		}
		at := int64((s.Told.AtMS + s.Told.TookMS) * 1e6)
		return []found{{Moment: s.at(min(at, r.length), nil, "ended", "%s", text), score: 55}}
	case s.Exit == "" || s.Told != nil:
		return nil
	}
	var last int64
	for _, l := range s.of("thread", "task", "coroutine") {
		for _, marks := range [][]recording.Mark{l.bars, l.calls} {
			for _, m := range marks {
				last = max(last, m.At+m.Took)
			}
		}
	}
	if last == 0 {
		return nil
	}
	after := ""
	if s.seen.Accepted > 0 {
		after = " after " + words.Plural(s.seen.Accepted, "connection")
	}
	return []found{{Moment: s.at(last, nil, "ended", "the server ends%s: %s", after, short(s.Exit)), how: s.Exit,
		score: 90}}
}

// short is the beginning of a server's last words.
func short(text string) string {
	const most = 120
	if text = strings.TrimSuffix(text, "."); len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + " …"
	}
	return text
}

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
