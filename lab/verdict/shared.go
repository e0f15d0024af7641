package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/words"
)

// facts are what the sentences about one server are made of.
type facts struct {
	recording.Server
	scenario string
	name     string // "Thread per connection", "select in Python"
	settings scenario.Settings
	texts    map[string]string // of the settings
}

// noticeable is how many milliseconds a thread must have waited in one call before the wait explains anything.
const noticeable = 50

// clients returns how many clients a group has, and how many of their requests were answered.
func (f facts) clients(group string) (all, answered int) {
	return f.Observed.Groups[group].Clients, f.PerGroup[group].Requests.Answered
}

// requests returns how many requests a group's clients have in their scripts, and how many were answered.
func (f facts) requests(group string) (all, answered int) {
	r := f.PerGroup[group].Requests
	return r.Answered + r.Failed, r.Answered
}

// span formats a setting that is a duration.
func (f facts) span(knob string) string { return words.Millis(float64(f.settings[knob])) }

// longest is the longest time that a client of the group waited for a reply.
func (f facts) longest(group string) string { return words.Millis(f.PerGroup[group].Latency.Max) }

// others is about the clients that did nothing wrong.
func (f facts) others(group, meanwhile string) string {
	all, answered := f.clients(group)
	text := fmt.Sprintf("%s answered %d of %s", f.name, answered, words.Plural(all, group+" client"))
	if answered == all {
		return text + fmt.Sprintf(" %s; the longest any of them waited was %s", meanwhile, f.longest(group))
	}
	return text + f.because()
}

// answers says how many of a group were answered, and how long they waited.
func (f facts) answers(who, group, kind string) string {
	all, answered := f.clients(group)
	text := fmt.Sprintf("%s answered %d of %s", who, answered, words.Plural(all, kind+" client"))
	if answered < all {
		return text + f.because()
	}
	return text + fmt.Sprintf("; the longest wait for a reply was %s", f.longest(group))
}

// waits says how long the clients of a group waited for their replies.
func (f facts) waits(group string) string {
	latency := f.PerGroup[group].Latency
	return fmt.Sprintf("; half of them waited less than %s, the unluckiest %s", words.Millis(latency.P50),
		words.Millis(latency.Max))
}

// because says what the server was doing instead.
func (f facts) because() string {
	if f.stuck() && f.Exit == "" {
		return ": " + f.satIn()
	}
	reasons := map[string]int{} // of all groups
	for _, g := range f.Observed.Groups {
		for why, n := range g.Reasons {
			reasons[why] += n
		}
	}
	for _, why := range frequent(reasons) {
		if reasons[why] > (f.Requests.Failed-1)/2 {
			return ": " + why
		}
	}
	return ""
}

// stuck reports whether a thread waited noticeably long in one call.
func (f facts) stuck() bool { return f.Observed.Stuck != nil && f.Observed.Stuck.TookMS >= noticeable }

// satIn describes the call that stuck found.
func (f facts) satIn() string {
	s := f.Observed.Stuck
	descriptor := ""
	if s.FD >= 0 {
		descriptor = fmt.Sprintf("fd %d", s.FD)
	}
	text := fmt.Sprintf("it sat in %s(%s) for %s", s.Call, descriptor, words.Millis(s.TookMS))
	if s.Site != nil {
		text += fmt.Sprintf(" (%s:%d)", s.Site.File, s.Site.Line)
	}
	return text
}

// frequent sorts reasons, the most frequent first.
func frequent(reasons map[string]int) []string {
	return slices.SortedFunc(maps.Keys(reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(reasons[b], reasons[a]), strings.Compare(a, b))
	})
}

// met says why clients got no answer, and if the reasons differ, how many had each.
func met(reasons map[string]int) string {
	var all []string
	for _, why := range frequent(reasons) {
		if len(reasons) == 1 {
			return strconv.Quote(why)
		}
		all = append(all, fmt.Sprintf("%q (%s)", why, words.Times(reasons[why])))
	}
	return strings.Join(all, ", ")
}

func (f facts) met(group string) string { return met(f.Observed.Groups[group].Reasons) }

// memory is about scenarios in which a server may keep much.
func (f facts) memory() string {
	return fmt.Sprintf("its memory went from %s to %s", words.Bytes(f.RSSKBStart<<10), words.Bytes(f.RSSKBMax<<10))
}

// price says what the answers cost, where that is remarkable.
func (f facts) price() string {
	if f.Exit != "" {
		return ""
	}
	answered := int64(f.Requests.Answered)
	cost := fmt.Sprintf("and it used %s of CPU time", words.Millis(f.CPUMS))
	switch {
	case f.polled() && answered == 0:
		return fmt.Sprintf("its calls returned EAGAIN %s, %s", words.Times(f.Again), cost)
	case f.polled():
		return fmt.Sprintf("its calls returned EAGAIN %s, that is %s for each reply, %s",
			words.Times(f.Again), words.Number(f.Again/answered), cost)
	case f.Observed.Serving > 1:
		return fmt.Sprintf("it served them on up to %s threads at once", words.Number(f.Observed.Threads))
	}
	for _, call := range []string{"epoll_wait", "kevent", "select", "poll"} { // a library may poll besides the loop
		if n := f.Syscalls[call]; n > 0 {
			return fmt.Sprintf("one thread did it, which called %s %s", call, words.Times(n))
		}
	}
	return ""
}

// polled reports whether the server called in vain remarkably often.
func (f facts) polled() bool { return f.Again > 50*int64(max(f.Requests.Answered, 1)) }

// ended is about a server that did not live to the end.
func (f facts) ended() string {
	after := ""
	if f.Traced.Seen() {
		after = " after " + words.Plural(f.Observed.Accepted, "connection")
	}
	return fmt.Sprintf("%s ended%s: %s", f.name, after, strings.TrimSuffix(f.Exit, "."))
}

// setIsFull says why a server that calls select cannot take more connections.
func (f facts) setIsFull() string {
	if f.Syscalls["select"] == 0 || f.Observed.Accepted < 1000 { // it ended for another reason
		return ""
	}
	return "a set of select has room for the descriptors up to 1,023 (FD_SETSIZE), " +
		"and the next connection had a higher one"
}

// incomplete says what the picture does not show, though it happened or is claimed to have happened.
func (f facts) incomplete() string {
	switch o := f.Observed; {
	case o.Doubt != "":
		return fmt.Sprintf("its trace is not believable: %s. What is said here is what its clients saw", o.Doubt)
	case o.Lost > 0:
		return fmt.Sprintf("its picture is full and not complete: the last %s of its trace %s not in it",
			words.Verb(o.Lost, "event", words.Plural(o.Lost, "event")), words.Verb(o.Lost, "is", "are"))
	}
	return ""
}

// elsewhere is about connections that were not part of the experiment.
func (f facts) elsewhere() string {
	foreign, over := f.Observed.Backend.Foreign, f.Observed.Backend.Over
	var parts []string
	say := func(n int, before, after string) {
		if n > 0 {
			parts = append(parts, before+words.Plural(n, "connection")+after)
		}
	}
	say(f.Elsewhere-foreign-over, "", " came to it from outside the experiment, and took some of its time")
	say(foreign, "its backend turned away ", " from outside the experiment")
	say(over, "its backend turned away ", ", since it had as many as it may have")
	return strings.Join(parts, ", and ")
}
