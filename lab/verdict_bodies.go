package lab

import (
	"fmt"
	"slices"
	"strings"

	"era/lab/traffic"
)

func (v words) knob(name string) string { return v.x.Scenario.Texts(v.x.Settings)[name] }

// streamed is about those whose replies are made piece by piece. A stream began at once if it did before the quickest of all
// was half over: one that had to wait for another begins when that one is over. Half is as far from both as can be.
func (v words) streamed() string {
	all, answered := v.clients("readers")
	if answered < all {
		return fmt.Sprintf("%s brought %d of %s to their end", v.name, answered, many(all, "stream")) + v.because()
	}
	firsts := slices.Sorted(slices.Values(v.s.tally.groups["readers"].firsts))
	atOnce, _ := slices.BinarySearch(firsts, slices.Min(v.s.tally.groups["readers"].latency)/2)
	text := fmt.Sprintf("%s began %d of %s at once", v.name, atOnce, many(all, "stream"))
	if atOnce > 0 {
		text += fmt.Sprintf(", within %s", span(toMS(firsts[atOnce-1])))
	}
	if atOnce < all {
		text += fmt.Sprintf("; the last reader waited %s for the first byte", span(toMS(firsts[all-1])))
	}
	return text + fmt.Sprintf("; all were complete after %s", span(v.PerGroup["readers"].Latency.Max))
}

// meanwhile is about those who wanted something quick beside something long.
func (v words) meanwhile(group string) string {
	all, answered := v.clients(group)
	text := fmt.Sprintf("meanwhile it answered %d of %s", answered, many(all, group+" client"))
	if answered == all {
		return text + fmt.Sprintf(", and the longest any of them waited was %s", span(v.PerGroup[group].Latency.Max))
	}
	if v.s.tally.whys[traffic.GaveUp] == v.Requests.Failed && v.Exit == "" {
		if text += "; the others gave up waiting"; answered == 0 {
			text = strings.Replace(text, "; the others", ": they", 1)
		}
		if m, found := longest(v.s.picture.Track()); found && toMS(m.Took) >= 50 {
			text += ", while " + v.satIn(m)
		}
		return text
	}
	return text + v.because()
}

func (v words) besideTheStreams() string { return v.meanwhile("fast") }
func (v words) besideTheUploads() string { return v.meanwhile("quick") }

// uploaded is about bodies that came slowly, and what the replies say of them.
func (v words) uploaded() string {
	all, answered := v.clients("slow")
	text := fmt.Sprintf("%s took %d of %s of %s, which came in %d pieces", v.name, answered, many(all, "slow upload"), v.knob("size"),
		v.x.Settings["pieces"])
	if answered < all {
		return text + v.because()
	}
	return text + ", and gave the right sum for each"
}

// firstBytes is about the moment when there is something to read.
func (v words) firstBytes() string {
	all, answered := v.clients("readers")
	g := v.PerGroup["readers"]
	if answered == 0 {
		return fmt.Sprintf("%s answered 0 of %s", v.name, many(all, "reader")) + v.because()
	}
	pieces := slices.Sorted(slices.Values(v.s.tally.groups["readers"].pieces))
	came := times(pieces[len(pieces)/2])
	if came == "once" {
		came = "once, with all of it"
	}
	half := "half of " + many(all, "reader")
	if all == 1 {
		half = "the one reader"
	}
	return fmt.Sprintf("%s was asked for replies of %s, a piece every %s: %s had the first byte after %s, and the last after %s; "+
		"something came %s", v.name, many(v.x.Settings["n"], "piece"), v.knob("ms"), half, span(g.FirstByte.P50),
		span(g.Latency.P50), came)
}

// ranAhead is about a reply that was made while nobody read it.
func (v words) ranAhead() string {
	text := fmt.Sprintf("%s was asked for %s of %s by a client that read nothing for %s; meanwhile the application fetched %s of them",
		v.name, many(v.x.Settings["n"], "piece"), v.knob("size"), v.pause(), count(int64(v.s.askedUnread)))
	if _, answered := v.clients("stalled"); answered == 0 {
		return text + ". The reply was never complete" + v.because()
	}
	return text
}
