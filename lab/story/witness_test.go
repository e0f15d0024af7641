package story

import (
	"regexp"
	"slices"
	"strings"

	"era/lab/recording"
)

// witness looks at the marks of one server at one time.
type witness struct {
	r     *recording.Recording
	s     recording.Server
	t     recording.Track
	at    int64
	m     Moment
	group string // that the sentence is about
	n     int    // how many of it
	first bool   // the first one of them
}

// marks calls f for each mark on the lanes of a kind, and of a group if one is given.
func (w *witness) marks(kind, group string, f func(l recording.Lane, m recording.Mark)) {
	for _, m := range w.t.Marks {
		if l := w.t.Lanes[m.Lane]; l.Kind == kind && (group == "" || l.Group == group) {
			f(l, m)
		}
	}
}

// in is how many lanes are in a state at a time.
func (w *witness) in(kind, group string, state recording.State, at int64) int {
	lanes := map[int]bool{}
	w.marks(kind, group, func(l recording.Lane, m recording.Mark) {
		if m.State == state && m.Call == "" && m.At <= at && at < m.At+m.Took {
			lanes[l.ID] = true
		}
	})
	return len(lanes)
}

// ends returns the times of answers or failures of a group, and how many of its clients have them.
func (w *witness) ends(group string, state recording.State, why string) (at []int64, clients int) {
	lanes := map[int]bool{}
	w.marks("connection", group, func(l recording.Lane, m recording.Mark) {
		if m.State == state && m.Call == "" && (why == "" || m.Errno == why) {
			at = append(at, m.At)
			lanes[l.ID] = true
		}
	})
	slices.Sort(at)
	return at, len(lanes)
}

// calls returns the calls of threads in a state.
func (w *witness) calls(state recording.State, call string) (all []recording.Mark) {
	w.marks("thread", "", func(_ recording.Lane, m recording.Mark) {
		if m.State == state && (call == "" || m.Call == call) {
			all = append(all, m)
		}
	})
	return all
}

func (w *witness) asleep(call string) (n int) {
	for _, m := range w.calls(recording.Blocked, call) {
		if m.At <= w.at && w.at < m.At+m.Took {
			n++
		}
	}
	return n
}

// begun is the call that began at the time of the moment.
func (w *witness) begun(state recording.State, call string) *recording.Mark {
	for _, m := range w.calls(state, call) {
		if m.At == w.at {
			return &m
		}
	}
	return nil
}

// clientOfCall is the state, in the middle of a call, of the client for which it was made.
func (w *witness) clientOfCall(call *recording.Mark) (state recording.State, group string) {
	for _, m := range w.t.Marks {
		if l := w.t.Lanes[m.Lane]; l.Kind == "connection" && m.At == call.At && m.Took == call.Took && m.FD == call.FD &&
			m.Call == call.Call {
			middle := call.At + call.Took/2
			for _, bar := range w.t.Marks {
				if bar.Lane == m.Lane && bar.Call == "" && bar.Took > 0 && bar.At <= middle && middle < bar.At+bar.Took {
					return bar.State, l.Group
				}
			}
		}
	}
	return "", ""
}

func (w *witness) named(name string) (lane int) {
	return slices.IndexFunc(w.t.Lanes, func(l recording.Lane) bool {
		short, _, _ := strings.Cut(l.Name, " · ")
		return strings.EqualFold(short, name)
	})
}

// servers is a pattern of the names of all servers; one may begin with another, so the longest come first.
func (w *witness) servers() string {
	var names []string
	for _, s := range w.r.Result.Servers {
		names = append(names, regexp.QuoteMeta(byTitle(s)))
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	return strings.Join(names, "|")
}

func (w *witness) other(name string) *witness {
	for i, s := range w.r.Result.Servers {
		if byTitle(s) == name {
			return &witness{r: w.r, s: s, t: w.r.Tracks[i], at: w.m.At}
		}
	}
	return &witness{}
}

// failed checks that so many clients of a group failed for the reason, at or around this time.
func (w *witness) failed(why func(string) bool) bool {
	reasons := map[string]bool{}
	w.marks("connection", w.group, func(_ recording.Lane, m recording.Mark) {
		if m.State == recording.Failed && m.Call == "" && why(m.Errno) {
			reasons[m.Errno] = true
		}
	})
	for reason := range reasons {
		at, n := w.ends(w.group, recording.Failed, reason)
		if n == w.n && (at[len(at)-1] == w.at || w.first && at[0] == w.at) {
			return true
		}
	}
	return false
}

func is(reason string) func(string) bool { return func(why string) bool { return why == reason } }

// running reports whether the only thread ran for so long without a call, from the time of the moment.
func (w *witness) running(took string) bool {
	until := w.r.Length
	w.marks("thread", "", func(_ recording.Lane, m recording.Mark) {
		if m.Call != "" && m.At > w.at {
			until = min(until, m.At)
		}
		if m.Call == "" && m.At <= w.at && w.at < m.At+m.Took {
			until = min(until, m.At+m.Took)
		}
	})
	return span(until-w.at) == took
}

// firstByte reports whether the first byte of a reply to the group has come now, and the rest takes so long on average.
func (w *witness) firstByte(group, rest string) bool {
	first := w.r.Length
	var sum, n int64
	w.marks("connection", group, func(_ recording.Lane, m recording.Mark) {
		if m.State == recording.Answering {
			first = min(first, m.At)
			sum += m.Took
			n++
		}
	})
	all := w.n == w.s.Observed.Groups[group].Clients
	return all && first == w.at && (rest == "" && sum/n < noticeable || span(sum/n) == rest)
}

// last reports whether the last answer of a group has come now.
func (w *witness) last(answered, all string) bool {
	for group, g := range w.s.PerGroup {
		at, _ := w.ends(group, recording.Answered, "")
		if len(at) == count(answered) && g.Requests.Answered+g.Requests.Failed == count(all) && at[len(at)-1] == w.at {
			return true
		}
	}
	return false
}

// waits is how many clients of the group wait for their answers in almost all of the time that the thread sleeps from
// now on.
func (w *witness) waits(group string) (n int) {
	call := w.begun(recording.Waiting, "")
	w.marks("connection", group, func(_ recording.Lane, m recording.Mark) {
		if m.State == recording.Unanswered && m.At <= call.At && m.At+m.Took >= call.At+call.Took*9/10 {
			n++
		}
	})
	return n
}

// kept is the mark of bytes that a client of the group does not take, from now on.
func (w *witness) kept(group string) (found *recording.Mark) {
	w.marks("connection", group, func(_ recording.Lane, m recording.Mark) {
		if m.State == recording.Backpressure && m.At == w.at {
			found = &m
		}
	})
	return found
}
