// Package story finds the key moments of a run: three to five, each with a time and one sentence that is true of the
// data. A page shows them as the chapters of its film and as the text alternative of its picture. Like verdicts, they
// are made when a run is shown, so that a recording is not stale when a wording changes.
package story

import (
	"cmp"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"era/catalogue"
	"era/lab/recording"
)

// Most is how many moments a story has, at most.
const Most = 5

// Moment is one moment of a story.
type Moment struct {
	At     int64  `json:"at"`             // ns since the experiment began
	Server int    `json:"server"`         // index into the servers of the result
	Also   []int  `json:"also,omitempty"` // other servers for which the sentence is true, at about the same time
	Lane   int    `json:"lane"`           // where it shows best, in the server's track; -1: on no single lane
	Kind   string `json:"kind"`           // which finder found it
	Words  string `json:"words"`          // one sentence, without the time and the server
	Time   string `json:"time"`           // what stands behind the @ in a link to it: "1.90s"
}

// Servers returns those for which the sentence is true.
func (m Moment) Servers() []int { return append([]int{m.Server}, m.Also...) }

// Of returns the story of a run, in the order of time.
func Of(r *recording.Recording) []Moment { return Called(byTitle, r) }

// Called is Of with other names for the servers: in a terminal they are called as they were typed.
func Called(name func(recording.Server) string, r *recording.Recording) []Moment {
	run := newRun(r, name)
	var all []found
	for _, s := range run.sides {
		for _, find := range finders {
			all = append(all, find(run, s)...)
		}
	}
	moments := []Moment{}
	for _, f := range choose(run, merge(run, all)) {
		moments = append(moments, f.Moment)
	}
	return InOrder(moments)
}

func byTitle(s recording.Server) string { return catalogue.Name(s.ID, s.Language) }

// InOrder sorts moments by their time, and gives each a name for links: its time in seconds, with three digits that
// count, or as many as tell it from the others.
func InOrder(moments []Moment) []Moment {
	slices.SortStableFunc(moments, func(a, b Moment) int { return cmp.Compare(a.At, b.At) })
	taken := map[string]bool{}
	for i := range moments {
		m := &moments[i]
		digits := 2
		for limit := int64(1e9); digits < 9 && m.At < limit && m.At > 0; limit /= 10 {
			digits++
		}
		for m.Time = inSeconds(m.At, digits); taken[m.Time]; m.Time = inSeconds(m.At, digits) {
			if digits++; digits > 9 { // they are at the same time
				m.At++
			}
		}
		taken[m.Time] = true
	}
	return moments
}

func inSeconds(at int64, digits int) string {
	return strconv.FormatFloat(float64(at)/1e9, 'f', min(digits, 9), 64) + "s"
}

// found is what a finder has found.
type found struct {
	Moment
	about string  // the clients that it is about, or whatever else tells two of a kind apart
	n     int     // how many
	how   string  // what else tells two of a kind and a number apart
	score float64 // how interesting it is; finders give 100 at most
	cause bool    // it explains why clients wait: it matters where they wait for long
}

// near is how far apart two moments may be that count as the same time.
func (r *run) near() int64 { return max(r.length/10, 20*ms) }

// merge makes one of what was found on several servers with the same words at about the same time.
func merge(r *run, all []found) []found {
	var merged []found
next:
	for _, f := range all {
		for i := range merged {
			m := &merged[i]
			if m.Kind == f.Kind && m.Words == f.Words && m.Server != f.Server && !slices.Contains(m.Also, f.Server) &&
				abs(m.At-f.At) <= r.near() {
				m.Also = append(m.Also, f.Server)
				m.score = max(m.score, f.score)
				continue next
			}
		}
		merged = append(merged, f)
	}
	return merged
}

// choose takes the most interesting ones, one after the other. What has been said lowers what is left: of the same
// kind, of the same server, or near in time.
func choose(r *run, all []found) []found {
	var chosen []found
	for len(chosen) < Most {
		best, most := -1, least(len(chosen))
		for i, f := range all {
			if score := r.worth(f, chosen); score > most {
				best, most = i, score
			}
		}
		if best < 0 {
			break
		}
		chosen = append(chosen, all[best])
		all = slices.Delete(slices.Clone(all), best, best+1)
	}
	return chosen
}

// least is what a moment must be worth: three are wanted, a fifth must have something to say.
func least(chosen int) float64 {
	if chosen < 3 {
		return 0
	}
	return 30
}

// worth is what a moment is worth beside those that were chosen.
func (r *run) worth(f found, chosen []found) float64 {
	score := f.score
	if f.cause && len(r.sides) > 1 && !r.late(r.sides[f.Server]) {
		score *= 0.5
	}
	seen := false
	for _, c := range chosen {
		same := c.Kind == f.Kind && c.about == f.about
		switch {
		case c.Words == f.Words:
			return 0
		case same && c.Server == f.Server:
			score -= 60
		case same && c.n == f.n && (c.how == f.how || f.how == "") && abs(c.At-f.At) <= r.near():
			return 0 // the servers do not differ
		case same:
			score -= 15
		case c.Kind == f.Kind:
			score -= 8
		}
		if c.Server == f.Server || slices.Contains(c.Also, f.Server) {
			seen = true
			score -= 4
			if abs(c.At-f.At) < r.length/200 {
				score -= 15
			}
		}
	}
	if !seen && len(chosen) > 0 {
		score += 10
	}
	return score
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

func abs(n int64) int64 { return max(n, -n) }
