package verdict

import (
	"fmt"
	"slices"
	"strings"

	"era/lab/recording"
	"era/lab/words"
)

// streamed is about clients whose replies are made piece by piece. A stream began at once if it did before the quickest
// of all was half over: a stream that had to wait for another begins when the other is over. Half is as far from both
// as possible.
func (f facts) streamed() string {
	all, answered := f.clients("readers")
	if answered < all {
		text := fmt.Sprintf("%s brought %d of %s to their end", f.name, answered, words.Plural(all, "stream"))
		return text + f.because()
	}
	g := f.Observed.Groups["readers"]
	atOnce, _ := slices.BinarySearch(g.FirstBytesMS, g.QuickestMS/2)
	text := fmt.Sprintf("%s began %d of %s at once", f.name, atOnce, words.Plural(all, "stream"))
	if atOnce > 0 {
		text += ", within " + words.Millis(g.FirstBytesMS[atOnce-1])
	}
	if n := len(g.FirstBytesMS); atOnce < n {
		text += fmt.Sprintf("; the last reader waited %s for the first byte", words.Millis(g.FirstBytesMS[n-1]))
	}
	return text + "; all were complete after " + f.longest("readers")
}

func (f facts) fastMeanwhile() string  { return f.meanwhile("fast") }
func (f facts) quickMeanwhile() string { return f.meanwhile("quick") }

// meanwhile is about clients that wanted something quick beside something long.
func (f facts) meanwhile(group string) string {
	all, answered := f.clients(group)
	text := fmt.Sprintf("meanwhile it answered %d of %s", answered, words.Plural(all, group+" client"))
	if answered == all {
		return text + ", and the longest any of them waited was " + f.longest(group)
	}
	impatient := 0
	for _, g := range f.Observed.Groups {
		impatient += g.Reasons[recording.GaveUp]
	}
	if impatient < f.Requests.Failed || f.Exit != "" {
		return text + f.because()
	}
	if answered == 0 {
		text += ": they gave up waiting"
	} else {
		text += "; the others gave up waiting"
	}
	if f.stuck() {
		text += ", while " + f.satIn()
	}
	return text
}

// uploaded is about bodies that came slowly, and what the replies say of them.
func (f facts) uploaded() string {
	all, answered := f.clients("slow")
	text := fmt.Sprintf("%s took %d of %s of %s, which came in %s", f.name, answered,
		words.Plural(all, "slow upload"), f.texts["size"], words.Plural(f.settings["pieces"], "piece"))
	if answered < all {
		return text + f.because()
	}
	return text + ", and gave the right sum for each"
}

// firstBytes is about the moment when there is something to read.
func (f facts) firstBytes() string {
	all, answered := f.clients("readers")
	if answered == 0 {
		return fmt.Sprintf("%s answered 0 of %s", f.name, words.Plural(all, "reader")) + f.because()
	}
	half := "half of " + words.Plural(all, "reader")
	if all == 1 {
		half = "the one reader"
	}
	g, first := f.PerGroup["readers"], ""
	if g.FirstByte != nil {
		first = fmt.Sprintf("the first byte after %s, and ", words.Millis(g.FirstByte.P50))
	}
	came := words.Times(f.Observed.Groups["readers"].Pieces)
	return fmt.Sprintf("%s was asked for replies of %s, a piece every %s: %s had %sthe last after %s; something came %s",
		f.name, words.Plural(f.settings["n"], "piece"), f.texts["ms"], half, first, words.Millis(g.Latency.P50),
		strings.Replace(came, "once", "once, with all of it", 1))
}

// ranAhead is about a reply that was made while its client did not read.
func (f facts) ranAhead() string {
	text := fmt.Sprintf("%s was asked for %s of %s by a client that read nothing for %s; "+
		"meanwhile the application fetched %s of them", f.name, words.Plural(f.settings["n"], "piece"),
		f.texts["size"], f.span("pause"),
		words.Number(f.Observed.Backend.AskedUnread))
	if _, answered := f.clients("stalled"); answered == 0 {
		return text + ". The reply was never complete" + f.because()
	}
	return text
}
