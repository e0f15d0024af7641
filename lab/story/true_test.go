package story

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/words"
)

// Every sentence about every recording of the book is true: its counts, times and names are worked out again here, from
// the marks alone. A sentence, or a part of one, that no rule below understands is an error.
func TestEverySentenceIsTrue(t *testing.T) {
	files, err := filepath.Glob("../../content/*/recordings/*.json")
	if err != nil || len(files) < 40 {
		t.Fatal(files, err)
	}
	stories := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := recording.Read(data)
		if err != nil {
			continue // the matrix is no run
		}
		stories++
		moments := Of(r)
		name := filepath.Base(file)
		if len(moments) < 3 || len(moments) > Most {
			t.Errorf("%s: %d moments", name, len(moments))
		}
		said := map[string]bool{}
		for i, m := range moments {
			where := fmt.Sprintf("%s, moment %d, %q", name, i+1, m.Words)
			if m.At < 0 || m.At > r.Length || i > 0 && m.At < moments[i-1].At || i > 0 && m.Time == moments[i-1].Time {
				t.Errorf("%s: at %s, %d ns of %d", where, m.Time, m.At, r.Length)
			}
			if said[m.Words] || len(m.Words) > 240 {
				t.Errorf("%s: it is said twice, or too long", where)
			}
			said[m.Words] = true
			for _, server := range m.Servers() {
				at := m.At
				if server != m.Server { // about the same time
					at = sameTime(r, m, server)
				}
				w := witness{r: r, s: r.Result.Servers[server], t: r.Tracks[server], at: at, m: m}
				if err := w.check(m.Words); err != nil {
					t.Errorf("%s, of %s: %v", where, w.s.ID, err)
				}
			}
			// The witness must notice every number that is wrong.
			for _, place := range regexp.MustCompile(`\d[\d,]*`).FindAllStringIndex(m.Words, -1) {
				wrong := m.Words[:place[0]] + words.Number(count(m.Words[place[0]:place[1]])+1) + m.Words[place[1]:]
				w := witness{r: r, s: r.Result.Servers[m.Server], t: r.Tracks[m.Server], at: m.At, m: m}
				if w.check(wrong) == nil {
					t.Errorf("%s: %q passes as well", where, wrong)
				}
			}
			if m.Lane >= len(r.Tracks[m.Server].Lanes) {
				t.Errorf("%s: lane %d", where, m.Lane)
			}
		}
	}
	if stories < 40 {
		t.Errorf("%d stories", stories)
	}
}

// sameTime is when another server has the moment with the same words.
func sameTime(r *recording.Recording, m Moment, server int) int64 {
	run := newRun(r, byTitle)
	for _, find := range finders {
		for _, f := range find(run, run.sides[server]) {
			if f.Kind == m.Kind && f.Words == m.Words {
				return f.At
			}
		}
	}
	return -1
}

var (
	numbered = `(\d[\d,]*)`
	duration = `(\d[\d.,]* (?:s|ms|µs))`
)

// A rule reads the beginning of what is left of a sentence and checks it.
type rule struct {
	pattern string // SOME and FIRST stand for clients, in two groups: how many, and their noun
	check   func(w *witness, m []string) bool
}

func count(text string) int {
	n, _ := strconv.Atoi(strings.ReplaceAll(text, ",", "")) // digits, by the pattern
	return n
}

// phrases match "all 20 fast clients", "3 of 20 fast clients", "the slow client".
func (w *witness) phrases() (some, nouns string, groups map[string]string) {
	groups = map[string]string{}
	var all []string
	for group := range w.s.Observed.Groups {
		n := people(w.r.Result.Scenario, group)
		for _, name := range []string{n.one, n.many} {
			groups[name] = group
			all = append(all, regexp.QuoteMeta(name))
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	nouns = strings.Join(all, "|")
	return `([Aa]ll [\d,]+|[Bb]oth|[Tt]he|[\d,]+ of [\d,]+) (` + nouns + `)`, nouns, groups
}

// clients is how many clients the words for some of a group stand for; false if the group has another number of them.
func (w *witness) clients(some, group string) (int, bool) {
	all := w.s.Observed.Groups[group].Clients
	digits := regexp.MustCompile(`[\d,]+`).FindAllString(some, -1)
	switch {
	case strings.EqualFold(some, "the"):
		return 1, all == 1
	case strings.EqualFold(some, "both"):
		return 2, all == 2
	case len(digits) == 1:
		return all, count(digits[0]) == all
	}
	return count(digits[0]), count(digits[1]) == all
}

func (w *witness) check(sentence string) error {
	if w.at < 0 {
		return fmt.Errorf("this server has no such moment")
	}
	some, nouns, groups := w.phrases()
	forms := strings.NewReplacer("SOME", some, "FIRST", `The first of ([\d,]+) (`+nouns+`)`,
		"NAMES", `((?:`+w.servers()+`)(?:(?:, | and )(?:`+w.servers()+`))*)`)
	rest := sentence
	for rest != "." && rest != "" {
		understood := false
		for _, rule := range rules {
			m := compiled(`^(?:` + forms.Replace(rule.pattern) + `)`).FindStringSubmatch(rest)
			if m == nil {
				continue
			}
			switch {
			case strings.Contains(rule.pattern, "FIRST"):
				w.group, w.n, w.first = groups[m[2]], count(m[1]), true
			case strings.Contains(rule.pattern, "SOME"):
				group := groups[m[2]]
				n, right := w.clients(m[1], group)
				if !right {
					return fmt.Errorf("%q: there are %d", m[0], w.s.Observed.Groups[group].Clients)
				}
				if rule.pattern == "SOME" {
					w.group, w.n = group, n
				}
				m = append([]string{m[0], group, strconv.Itoa(n)}, m[3:]...)
			}
			if !rule.check(w, m) {
				return fmt.Errorf("not true: %q", m[0])
			}
			understood, rest = true, rest[len(m[0]):]
			break
		}
		if !understood {
			return fmt.Errorf("no rule understands %q", rest)
		}
	}
	return nil
}

var patterns = map[string]*regexp.Regexp{}

// compiled compiles a pattern once.
func compiled(pattern string) *regexp.Regexp {
	if patterns[pattern] == nil {
		patterns[pattern] = regexp.MustCompile(pattern)
	}
	return patterns[pattern]
}

var rules = []rule{
	{`SOME`, func(w *witness, m []string) bool { return true }},
	{`FIRST`, func(w *witness, m []string) bool { return true }},
	{`(Thread \d+) falls asleep in (\w+) for ` + duration + `, though `, func(w *witness, m []string) bool {
		call := w.begun(recording.Waiting, m[2])
		return call != nil && call.Lane == w.named(m[1]) && span(call.Took) == m[3]
	}},
	{` and SOME still waits?`, func(w *witness, m []string) bool { return w.waits(m[1]) == count(m[2]) }},
	{` still waits?`, func(w *witness, m []string) bool { return w.waits(w.group) == w.n }},
	// Why clients wait.
	{`(Thread \d+) falls asleep in (\w+)`, func(w *witness, m []string) bool {
		call := w.begun(recording.Blocked, m[2])
		return call != nil && call.Lane == w.named(m[1])
	}},
	{` for ` + duration + `, on the descriptor of (?:the|an?) ([^,]+), which has sent a part of its request`,
		func(w *witness, m []string) bool {
			call := w.begun(recording.Blocked, "read")
			state, group := w.clientOfCall(call)
			return state == recording.Paused && span(call.Took) == m[1] && people(w.r.Result.Scenario, group).one == m[2]
		}},
	{` for ` + duration + `: (?:the|an?) ([^,]+) does not take its reply`, func(w *witness, m []string) bool {
		call := w.begun(recording.Blocked, "write")
		_, group := w.clientOfCall(call)
		return span(call.Took) == m[1] && people(w.r.Result.Scenario, group).one == m[2]
	}},
	{`: the backend has not answered yet`, func(w *witness, m []string) bool {
		state, _ := w.clientOfCall(w.begun(recording.Blocked, "read"))
		return state == recording.Unanswered
	}},
	{` for ` + duration, func(w *witness, m []string) bool { return span(w.begun(recording.Blocked, "").Took) == m[1] }},
	{`; it does so (once|twice|[\d,]+ times), one after the other`, func(w *witness, m []string) bool {
		var longest int64
		n := 0
		of := w.begun(recording.Blocked, "").Call
		for _, call := range w.calls(recording.Blocked, of) {
			longest = max(longest, call.Took)
		}
		for _, call := range w.calls(recording.Blocked, of) {
			if call.Took >= noticeable && call.Took >= longest/2 {
				n++
			}
		}
		return words.Times(n) == m[1] && w.s.Observed.Threads == 1
	}},
	{`(Thread \d+) computes: it makes no call for ` + duration + `, and looks at no connection`,
		func(w *witness, m []string) bool { return w.named(m[1]) >= 0 && w.running(m[2]) }},
	{` (?:is|are) connected, and none of them is accepted`, func(w *witness, m []string) bool {
		waited := 0
		w.marks("connection", w.group, func(_ recording.Lane, mark recording.Mark) {
			if mark.State == recording.Queued && mark.At+mark.Took <= w.at {
				waited++
			}
		})
		at, _ := w.ends(w.group, recording.Answered, "")
		none := waited == 0 && (len(at) == 0 || at[0] > w.at)
		return none && w.in("connection", w.group, recording.Queued, w.at) == w.n
	}},
	{` (?:is|are) connected and not accepted yet`, func(w *witness, m []string) bool {
		return w.in("connection", w.group, recording.Queued, w.at) == w.n
	}},
	{`: thread 1 sleeps in (\w+)`, func(w *witness, m []string) bool { return w.asleep(m[1]) == 1 }},
	{` (?:has|have) asked, and none has an answer yet`, func(w *witness, m []string) bool {
		at, _ := w.ends(w.group, recording.Answered, "")
		return w.in("connection", w.group, recording.Unanswered, w.at) == w.n && (len(at) == 0 || at[0] > w.at)
	}},
	{` (?:has|have) asked and waits?`, func(w *witness, m []string) bool {
		return w.in("connection", w.group, recording.Unanswered, w.at) == w.n
	}},
	{`: the backend never has more than ` + numbered + ` questions? at a time`, func(w *witness, m []string) bool {
		return w.s.Observed.Backend.AtOnce == count(m[1])
	}},
	{`; (?:meanwhile )?` + numbered + ` threads (?:sleep in (\w+)|have called (sleep))(, each for one of them)?`,
		func(w *witness, m []string) bool {
			if w.asleep(m[2]+m[3]) != count(m[1]) {
				return false
			}
			clients := map[int]bool{}
			w.marks("connection", w.group, func(l recording.Lane, mark recording.Mark) {
				if mark.Call == m[2] && mark.State == recording.Blocked && mark.At <= w.at && w.at < mark.At+mark.Took {
					clients[l.ID] = true
				}
			})
			return m[4] == "" || len(clients) == count(m[1])
		}},
	{`; ` + numbered + ` (task|coroutine)s? (?:is|are) parked, on one thread`, func(w *witness, m []string) bool {
		return w.in(m[2], w.group, recording.Parked, w.at) == count(m[1]) && w.s.Observed.Threads == 1
	}},
	{`; one thread serves them all`, func(w *witness, m []string) bool { return w.s.Observed.Threads == 1 }},
	{`Thread 1 calls (\w+) and finds (?:nothing|no room), again and again: by the end its calls have returned EAGAIN ` +
		`(more than )?(once|twice|[\d,]+ times)`, func(w *witness, m []string) bool {
		more := (m[2] != "") == (w.s.Events.Dropped > 0)
		return more && w.begun(recording.Again, m[1]) != nil && words.Times(w.s.Again) == m[3]
	}},

	// What they get.
	{` have (?:their answers|all their ` + numbered + ` (?:answers|messages back))`,
		func(w *witness, m []string) bool {
			at, n := w.ends(w.group, recording.Answered, "")
			_, failed := w.ends(w.group, recording.Failed, "")
			answers := m[1] == "" && len(at) == n || count(m[1]) == len(at)
			return n == w.n && at[len(at)-1] == w.at && failed == 0 && answers
		}},
	{`, while SOME (pauses?|still waits?|ha(?:s|ve) not taken (?:its reply|their replies))`, func(w *witness, m []string) bool {
		in := func(state recording.State) int { return w.in("connection", m[1], state, w.at) }
		switch {
		case strings.HasPrefix(m[3], "pause"):
			return in(recording.Paused) == count(m[2])
		case strings.HasPrefix(m[3], "still"):
			return in(recording.Unanswered) == count(m[2])
		}
		return in(recording.Paused)+in(recording.Backpressure) == count(m[2])
	}},
	{`(?:;| and) NAMES ha(?:s|ve) (?:answered|sent back) (none of them|[\d,]+)`,
		func(w *witness, m []string) bool {
			for _, name := range compiled(w.servers()).FindAllString(m[1], -1) {
				at, _ := w.other(name).ends(w.group, recording.Answered, "")
				n, _ := slices.BinarySearch(at, w.at+1)
				if n != count(strings.TrimPrefix(m[2], "none of them")) {
					return false
				}
			}
			return true
		}},
	{`; the unluckiest has waited for ` + duration, func(w *witness, m []string) bool {
		return words.Millis(w.s.PerGroup[w.group].Latency.Max) == m[1]
	}},
	{`, ` + duration + ` after the first server's`, func(w *witness, m []string) bool {
		first := w.at
		for _, s := range w.r.Result.Servers {
			other := w.other(byTitle(s))
			if at, n := other.ends(w.group, recording.Answered, ""); n == w.n && s.PerGroup[w.group].Requests.Failed == 0 {
				first = min(first, at[len(at)-1])
			}
		}
		return span(w.at-first) == m[1]
	}},
	{` has (?:its answer|the last of its ` + numbered + ` answers)`, func(w *witness, m []string) bool {
		at, n := w.ends(w.group, recording.Answered, "")
		if w.first {
			return at[0] == w.at && w.n == w.s.Observed.Groups[w.group].Clients
		}
		return n == 1 && at[len(at)-1] == w.at && (m[1] == "" && len(at) == 1 || count(m[1]) == len(at))
	}},
	{` has the first bytes of its reply, (?:the rest takes ` + duration + `|and the rest comes with it)`,
		func(w *witness, m []string) bool { return w.firstByte(w.group, m[1]) }},
	{` is connected for which the listen queue was full; the kernel has tried again`, func(w *witness, m []string) bool {
		at := map[int]int64{}
		w.marks("connection", w.group, func(l recording.Lane, mark recording.Mark) {
			if first, known := at[l.ID]; mark.Call == "" && mark.Took > 0 && (!known || mark.At < first) {
				at[l.ID] = mark.At
			}
		})
		late, first := 0, w.r.Length
		for _, connected := range at {
			if connected > 900*ms { // all came in the first milliseconds
				late, first = late+1, min(first, connected)
			}
		}
		return late == w.n && late == w.s.Observed.Retried && first == w.at
	}},
	{` hears its own message`, func(w *witness, m []string) bool {
		at, _ := w.ends(w.group, recording.Answered, "")
		return at[0] == w.at
	}},
	{` has the beginning of its reply; the rest (?:takes ` + duration + `|comes with it)`,
		func(w *witness, m []string) bool { return w.firstByte(w.group, m[1]) }},
	{` (?:asks|speaks)`, func(w *witness, m []string) bool {
		first := w.r.Length
		w.marks("connection", w.group, func(_ recording.Lane, mark recording.Mark) {
			if mark.State == recording.Unanswered {
				first = min(first, mark.At)
			}
		})
		return first == w.at && w.n == w.s.Observed.Groups[w.group].Clients
	}},
	{` (takes|take) half of (?:its|their) rows for the whole`, func(w *witness, m []string) bool {
		return w.failed(func(why string) bool { return strings.HasPrefix(why, recording.AnotherBody) })
	}},
	{`The last answer comes: ` + numbered + ` of the ` + numbered + ` requests of (.+) have one`,
		func(w *witness, m []string) bool { return w.last(m[1], m[2]) }},
	{`The last (?:datagram|message) comes back: ` + numbered + ` of ` + numbered + ` have`,
		func(w *witness, m []string) bool { return w.last(m[1], m[2]) }},
	{` has its last answer: ` + numbered + ` of the ` + numbered + ` that it asked for`,
		func(w *witness, m []string) bool { return w.last(m[1], m[2]) }},

	// Or do not.
	{` gives? up`, func(w *witness, m []string) bool { return w.failed(is(recording.GaveUp)) }},
	{`: (?:it has|they have) not been accepted`, func(w *witness, m []string) bool {
		accepted := 0
		w.marks("connection", w.group, func(_ recording.Lane, mark recording.Mark) {
			if mark.Call == "" && mark.Took > 0 && mark.State != recording.Queued && mark.At < w.at-20*ms {
				accepted++
			}
		})
		return accepted == 0
	}},
	{`: (?:it has|they have) had no answer`, func(w *witness, m []string) bool {
		at, _ := w.ends(w.group, recording.Answered, "")
		return len(at) == 0
	}},
	{`: ` + numbered + ` of (?:its|their) (?:requests have had no answer|messages have not come back)`,
		func(w *witness, m []string) bool {
			at, _ := w.ends(w.group, recording.Failed, recording.GaveUp)
			return len(at) == count(m[1])
		}},
	{numbered + ` datagrams have not come back and count as lost`, func(w *witness, m []string) bool {
		at, _ := w.ends("", recording.Failed, recording.Lost)
		return len(at) == count(m[1])
	}},
	{` gets? the status (\d+)`, func(w *witness, m []string) bool { return w.failed(is("status " + m[1])) }},
	{` (?:is|are) sent away by the server: ([^.]+)`, func(w *witness, m []string) bool {
		return w.failed(is("closed by the server with " + m[1]))
	}},
	{` (?:is|are) refused: nothing listens there`, func(w *witness, m []string) bool {
		return w.failed(is("connection refused"))
	}},
	{` hangs? up`, func(w *witness, m []string) bool { return w.failed(is("reset by the client")) }},
	{` (?:is|are) cut off by the server`, func(w *witness, m []string) bool {
		return w.failed(is("reset by the server"))
	}},
	{` loses? (?:its connection before the reply is|their connections before their replies are) complete`,
		func(w *witness, m []string) bool {
			return w.failed(is("closed by the server before the reply was complete"))
		}},
	{` loses? (?:its connection|their connections): the server has closed (?:it|them)`,
		func(w *witness, m []string) bool { return w.failed(is("closed by the server")) }},
	{`A (\w+) fails with (\w+)`, func(w *witness, m []string) bool {
		call := w.begun(recording.Failed, m[1])
		return call != nil && call.Errno == m[2]
	}},
	{`: its client has hung up`, func(w *witness, m []string) bool { // its lane shows the call, and has come to its end
		call := w.begun(recording.Failed, "")
		for _, mark := range w.t.Marks {
			if l := w.t.Lanes[mark.Lane]; l.Kind == "connection" && mark.At == call.At && mark.Call == call.Call {
				return !slices.ContainsFunc(w.t.Marks, func(bar recording.Mark) bool {
					return bar.Lane == mark.Lane && bar.Call == "" && bar.At <= w.at && w.at < bar.At+bar.Took
				})
			}
		}
		return false
	}},

	// What becomes of bytes and tasks, and of the server.
	{` takes no more`, func(w *witness, m []string) bool { return w.kept(w.group) != nil }},
	{`: the buffers of its connection are full`, func(w *witness, m []string) bool { return w.kept(w.group).Result == 0 }},
	{`; what the server keeps for it has risen above its high-water mark, to ([\d.]+ (?:bytes|KB|MB))`,
		func(w *witness, m []string) bool { return words.Bytes(w.kept(w.group).Result) == m[1] }},
	{` begins to read`, func(w *witness, m []string) bool {
		ended := false
		w.marks("connection", w.group, func(_ recording.Lane, mark recording.Mark) {
			stopped := mark.State == recording.Paused || mark.State == recording.Backpressure
			ended = ended || stopped && mark.At+mark.Took == w.at
		})
		return ended
	}},
	{`; until then the server has asked its backend ` + numbered + ` of ` + numbered + ` questions`,
		func(w *witness, m []string) bool {
			b := w.s.Observed.Backend
			return b.AskedUnread == count(m[1]) && b.Asked == count(m[2])
		}},
	{`((?:Task|Coroutine) \d+) is (?:cancelled|the first of ` + numbered + ` tasks to be cancelled)`,
		func(w *witness, m []string) bool {
			lanes, first, which := map[int]bool{}, w.r.Length, -1
			for _, mark := range w.t.Marks {
				if kind := w.t.Lanes[mark.Lane].Kind; mark.State == recording.Cancelled && kind != "thread" {
					lanes[mark.Lane] = true
					if mark.At < first {
						first, which = mark.At, mark.Lane
					}
				}
			}
			all := m[2] == "" && len(lanes) == 1 || count(m[2]) == len(lanes)
			return all && first == w.at && which == w.named(m[1])
		}},
	{`No client waits for a reply any more, and ` + numbered + ` tasks go on, the last of them for another ` + duration,
		func(w *witness, m []string) bool {
			waits := w.in("connection", "", recording.Unanswered, w.at) + w.in("connection", "", recording.Answering, w.at)
			left := map[string]int64{}
			w.marks("connection", "", func(l recording.Lane, mark recording.Mark) {
				left[l.Name] = max(left[l.Name], mark.At+mark.Took)
			})
			n, last := 0, int64(0)
			w.marks("task", "", func(l recording.Lane, mark recording.Mark) {
				_, client, _ := strings.Cut(l.Name, " · ")
				if mark.State == recording.Returned && mark.At > w.at && mark.At < left[client]-20*ms {
					n, last = n+1, max(last, mark.At)
				}
			})
			return waits == 0 && n == count(m[1]) && span(last-w.at) == m[2]
		}},
	{`The server gets SIGTERM, while ` + numbered + ` clients? waits? for (?:its answer|their answers)`,
		func(w *witness, m []string) bool {
			return w.t.Told == w.at && w.in("connection", "", recording.Unanswered, w.at) == count(m[1])
		}},
	{`The server has ended, with (exit status \d+)`, func(w *witness, m []string) bool {
		return strings.HasPrefix(w.s.Exit, m[1])
	}},
	{`The server ends after ` + numbered + ` connections: (.+)\.$`, func(w *witness, m []string) bool {
		return w.s.Observed.Accepted == count(m[1]) && strings.HasPrefix(w.s.Exit, m[2])
	}},

	// What the clients do.
	{`; ` + numbered + ` (.+?) are (?:connected and ask nothing|in the room as well)`, func(w *witness, m []string) bool {
		_, _, groups := w.phrases()
		w.group = groups[m[2]]
		return w.in("connection", w.group, recording.Idle, w.at) == count(m[1])
	}},
	{` ha(?:s|ve) begun a request, and not sent all of it`, func(w *witness, m []string) bool {
		return w.in("connection", w.group, recording.Paused, w.at) == w.n
	}},
}

// Each group of each scenario has a name in the singular and one in the plural, and no name is left over.
func TestPeople(t *testing.T) {
	named := map[string]bool{}
	for _, s := range scenario.All {
		for _, g := range s.Groups {
			named[s.Name+"/"+g] = true
		}
	}
	for name, n := range nouns {
		if !named[name] || n.one == "" || n.many == "" {
			t.Errorf("%s: %+v", name, n)
		}
	}
}
