package lab

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"era/lab/recording"
)

// verdict says in sentences what one server did, from what was observed and nothing else.
func verdict(x *experiment, s *side, r recording.Server) string {
	v := words{x, s, r, s.program.Variant.String()}
	var sentences []string
	say := func(text string) {
		if text != "" {
			if !strings.HasPrefix(text, v.name) { // the name of a server keeps its small letter
				text = strings.ToUpper(text[:1]) + text[1:]
			}
			sentences = append(sentences, text+".")
		}
	}
	if r.Exit != "" && r.Told == nil {
		say(v.ended())
		say(v.setIsFull())
	}
	for _, tell := range told[x.Scenario.Name] {
		say(tell(v))
	}
	say(v.incomplete())
	say(v.elsewhere())
	return strings.Join(sentences, " ")
}

// told are the sentences that each scenario ends in, by its name. One that has nothing to say is empty.
var told = map[string][]func(words) string{
	"one-slow":          {words.besideTheSlow, words.price},
	"slow-reader":       {words.besideTheDeaf, words.price},
	"crowd":             {words.crowd, words.price},
	"trickle":           {words.trickling, words.besideTheTrickling, words.reads, words.price},
	"reset":             {words.besideTheRude, words.resets, words.price},
	"fd-setsize":        {words.manyOpen, words.price},
	"c10k":              {words.keptAsking, words.handedOrPrice, words.holds},
	"cpu-hog":           {words.besideTheHog},
	"storm":             {words.storm, words.triedAgain},
	"blocking-call":     {words.besideTheAsking, words.askedAtOnce},
	"forgotten-await":   {words.bodies, words.toNobody},
	"edge-starvation":   {words.polite, words.unread},
	"slow-consumer":     {words.consumed, words.memory},
	"fan-out":           {words.refused, words.runOn},
	"swallowed-timeout": {words.refused, words.askedFor},
	"slow-clients":      {words.besideSlowClients, words.held, words.theSlow, words.price},
	"missing-close":     {words.besideLeavers, words.leftOpen},
	"after-first-chunk": {words.believed, words.besideBroken},
	"shutdown":          {words.inFlight, words.howItEnded, words.newcomers},
	"echo":              {words.echoed, words.half},
	"datagrams":         {words.cameBack, words.tookAndSent},
	"mail":              {words.delivered, words.slowMail},
	"stream":            {words.streamed, words.besideTheStreams},
	"upload":            {words.uploaded, words.besideTheUploads, words.memory},
	"websocket":         {words.heardAll, words.price},
	"buffering":         {words.firstBytes},
	"stalled-reader":    {words.ranAhead, words.memory},
	"laggard":           {words.besideTheLaggard, words.laggard},
}

// incomplete says what the picture does not show, though it happened or is said to have.
func (v words) incomplete() string {
	switch lost := v.s.picture.Lost(); {
	case v.s.doubt != "":
		return fmt.Sprintf("its trace is not believable: %s. What is told here is what its clients saw", v.s.doubt)
	case lost > 0:
		return fmt.Sprintf("its picture is full and not complete: the last %s of what it told are not in it", many(int(lost), "event"))
	}
	return ""
}

// elsewhere is about connections that were not part of the experiment.
func (v words) elsewhere() string {
	if v.Elsewhere == 0 {
		return ""
	}
	var parts []string
	if n := v.s.elsewhere(); n > 0 {
		parts = append(parts, many(n, "connection")+" came to it from outside the experiment, and took of its time")
	}
	foreign, over := v.s.backend.TurnedAway()
	if foreign > 0 {
		parts = append(parts, "its backend turned away "+many(foreign, "connection")+" from outside the experiment")
	}
	if over > 0 {
		parts = append(parts, "its backend turned away "+many(over, "connection")+", since it had as many as it may have")
	}
	return strings.Join(parts, ", and ")
}

type words struct {
	x *experiment
	s *side
	recording.Server
	name string
}

// clients is how many clients a group has, and how many of their requests were answered.
func (v words) clients(group string) (all, answered int) {
	for _, c := range v.x.script.Clients {
		if c.Group == group {
			all++
		}
	}
	return all, v.PerGroup[group].Requests.Answered
}

// requests is how many requests a group's clients have in their scripts, and how many were answered.
func (v words) requests(group string) (all, answered int) {
	for _, c := range v.x.script.Clients {
		if c.Group == group {
			all += c.Requests()
		}
	}
	return all, v.PerGroup[group].Requests.Answered
}

// waits is how long those of a group waited for their replies.
func (v words) waits(group string) string {
	latency := v.PerGroup[group].Latency
	return fmt.Sprintf("; half of them waited less than %s, the unluckiest %s", span(latency.P50), span(latency.Max))
}

func (v words) besideTheSlow() string { return v.others("fast", "while the slow one was silent") }
func (v words) besideTheDeaf() string { return v.others("fast", "while the other did not read") }
func (v words) besideTheRude() string { return v.answers(v.name, "polite", "polite") }
func (v words) trickling() string     { return v.answers(v.name, "trickle", "trickling") }

func (v words) besideTheTrickling() string {
	if v.x.Settings["fast"] == 0 {
		return ""
	}
	return v.answers("it", "fast", "fast")
}

// others is about those who did nothing wrong.
func (v words) others(group, meanwhile string) string {
	all, answered := v.clients(group)
	text := fmt.Sprintf("%s answered %d of %s", v.name, answered, many(all, group+" client"))
	if answered == all {
		return text + fmt.Sprintf(" %s; the longest any of them waited was %s", meanwhile, span(v.PerGroup[group].Latency.Max))
	}
	return text + v.because()
}

// answers is how many of a group were answered, and how long they waited.
func (v words) answers(who, group, kind string) string {
	all, answered := v.clients(group)
	text := fmt.Sprintf("%s answered %d of %s", who, answered, many(all, kind+" client"))
	if answered < all {
		return text + v.because()
	}
	return text + fmt.Sprintf("; the longest wait for a reply was %s", span(v.PerGroup[group].Latency.Max))
}

// because says what the server was doing instead.
func (v words) because() string {
	m, found := longest(v.s.picture.Track())
	if !found || m.Took < int64(50*time.Millisecond) || v.Exit != "" {
		for why, n := range v.s.tally.whys {
			if n > (v.Requests.Failed-1)/2 {
				return ": " + why
			}
		}
		return ""
	}
	return ": " + v.satIn(m)
}

func (v words) satIn(m recording.Mark) string {
	text := fmt.Sprintf("it sat in %s(fd %d) for %s", m.Call, m.FD, span(toMS(m.Took)))
	if m.FD < 0 {
		text = fmt.Sprintf("it sat in %s() for %s", m.Call, span(toMS(m.Took)))
	}
	if m.Site >= 0 {
		site := v.s.picture.Track().Sites[m.Site]
		text += fmt.Sprintf(" (%s:%d)", site.File, site.Line)
	}
	return text
}

func (v words) crowd() string {
	all, answered := v.clients("crowd")
	g := v.s.tally.groups["crowd"]
	if answered == 0 {
		return fmt.Sprintf("%s answered 0 of %s", v.name, many(all, "client")) + v.because()
	}
	text := fmt.Sprintf("%s answered %d of %s in %s, from the first request to the last reply", v.name, answered,
		many(all, "client"), span(toMS(g.last-g.first)))
	delay := float64(v.x.Settings["delay"])
	switch _, atOnce := v.s.backend.Questions(); {
	case all == 1:
	case atOnce == 1:
		text += fmt.Sprintf(": the backend never had more than one question at a time, and %s of %s in a row make %s",
			many(answered, "answer"), span(delay), span(delay*float64(answered)))
	default:
		text += fmt.Sprintf(": the backend had up to %s at once, and one answer takes %s", many(atOnce, "question"), span(delay))
	}
	return text
}

func (v words) reads() string {
	reads, requests := v.Syscalls["read"], int64(v.Requests.Answered)
	if reads == 0 || requests == 0 {
		return ""
	}
	return fmt.Sprintf("it called read %s for %s", times(int(reads)), many(int(requests), "request"))
}

func (v words) resets() string {
	n, _ := v.clients("reset")
	text := fmt.Sprintf("%s reset their connections", many(n, "other client"))
	if n == 1 {
		text = "1 other client reset its connection"
	}
	if v.Exit != "" {
		return text
	}
	text += " and it lived on"
	if met := errnos(v.s.picture.Track(), syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED); len(met) > 0 {
		text += ": its calls met " + strings.Join(met, ", ")
	}
	return text
}

func (v words) manyOpen() string {
	if v.Exit != "" {
		return ""
	}
	all, answered := v.clients("active")
	open, _ := v.clients("idle")
	text := fmt.Sprintf("%s answered %d of %s that came after %s had been opened", v.name, answered, many(all, "client"), many(open, "connection"))
	if answered < all {
		return text + v.because()
	}
	return text + fmt.Sprintf("; the longest wait was %s", span(v.PerGroup["active"].Latency.Max))
}

// ended is about a server that did not live to the end.
func (v words) ended() string {
	if v.s.reader == nil || v.s.doubt != "" {
		return fmt.Sprintf("%s ended: %s", v.name, strings.TrimSuffix(v.Exit, "."))
	}
	return fmt.Sprintf("%s ended after %s: %s", v.name, many(v.s.picture.Accepted(), "connection"), strings.TrimSuffix(v.Exit, "."))
}

// setIsFull says why a server that calls select can have no more connections.
func (v words) setIsFull() string {
	if v.Syscalls["select"] == 0 || v.s.picture.Accepted() < 1000 { // it ended of something else
		return ""
	}
	return "a set of select has room for the descriptors up to 1,023 (FD_SETSIZE), and the next connection had a higher one"
}

// price is what the answers cost, where that is remarkable.
func (v words) price() string {
	if v.Exit != "" {
		return ""
	}
	answered := int64(max(v.Requests.Answered, 1))
	switch {
	case v.Again > 50*answered && v.Requests.Answered == 0:
		return fmt.Sprintf("its calls answered EAGAIN %s, and it used %s of CPU time", times(int(v.Again)), span(v.CPUMS))
	case v.Again > 50*answered:
		return fmt.Sprintf("its calls answered EAGAIN %s, that is %s for each reply, and it used %s of CPU time",
			times(int(v.Again)), count(v.Again/answered), span(v.CPUMS))
	case v.s.picture.Serving() > 1:
		return fmt.Sprintf("it served them on up to %s threads at once", count(int64(v.s.picture.Threads())))
	}
	for _, call := range []string{"epoll_wait", "kevent", "select", "poll"} { // a client's library may poll beside its loop
		if n := v.Syscalls[call]; n > 0 {
			return fmt.Sprintf("one thread did it, which called %s %s", call, times(int(n)))
		}
	}
	return ""
}

// span writes milliseconds for people: "0.8 ms", "41 ms", "2.0 s".
func span(ms float64) string {
	switch {
	case ms < 10:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	case ms < 999.5:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(ms/1000, 'f', 1, 64) + " s"
}

// count writes a number with commas.
func count(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func many(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if stem, y := strings.CutSuffix(thing, "ly"); y { // reply
		return count(int64(n)) + " " + stem + "lies"
	}
	return count(int64(n)) + " " + thing + "s"
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return count(int64(n)) + " times"
}
