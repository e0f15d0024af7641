package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"era/lab/scenario"
)

// besideTheAsking is about those who only wanted a quick reply.
func (v words) besideTheAsking() string {
	all, answered := v.clients("fast")
	asking, _ := v.clients("asking")
	text := fmt.Sprintf("%s answered %d of %s while %s asked a backend that takes %s; the longest any of them waited was %s",
		v.name, answered, many(all, "fast client"), many(asking, "other"), span(float64(v.x.Settings["delay"])),
		span(v.PerGroup["fast"].Latency.Max))
	// A thread that sits in a call is no harm when there are others.
	if m, found := longest(v.s.picture.Track()); found && toMS(m.Took) >= 50 && v.s.picture.Threads() == 1 {
		text += ": with everybody on its one thread, " + v.satIn(m)
	}
	return text
}

func (v words) askedAtOnce() string {
	_, atOnce := v.s.backend.Questions()
	text := "the backend never had more than one question at a time"
	if atOnce > 1 {
		text = fmt.Sprintf("the backend had up to %d questions at once", atOnce)
	}
	if n := v.s.picture.Serving(); n > 1 {
		text += fmt.Sprintf(", from %d threads beside the loop's", n-1)
	}
	return text
}

// bodies is about replies that came and were no answer.
func (v words) bodies() string {
	all, answered := v.clients("asking")
	refused := v.s.tally.groups["asking"].refused
	if len(refused) == 0 {
		return v.answers(v.name, "asking", "asking")
	}
	text := fmt.Sprintf("%s replied to %d of %s, and %d of the replies lack the backend's line", v.name, answered+len(refused),
		many(all, "client"), len(refused))
	for why := range v.s.tally.whys {
		if body, found := strings.CutPrefix(why, "another body: "); found {
			if text += ": in its place stands " + body; body == `""` {
				text = strings.TrimSuffix(text, body) + "nothing"
			}
			break
		}
	}
	return text + fmt.Sprintf(". The longest wait was %s, and the backend takes %s", span(toMS(slices.Max(refused))),
		span(float64(v.x.Settings["delay"])))
}

// toNobody is about answers that nobody waited for.
func (v words) toNobody() string {
	asked, _ := v.s.backend.Questions()
	switch lost := len(v.s.tally.groups["asking"].refused); {
	case lost == 0:
		return ""
	case asked == 0:
		return "the backend was asked nothing"
	default:
		return fmt.Sprintf("the backend was asked %s, and %s came to nobody", times(asked), many(min(lost, asked), "answer"))
	}
}

// polite is about those who asked beside a flood.
func (v words) polite() string {
	all, answered := v.clients("polite")
	text := fmt.Sprintf("%s answered %d of %s beside a flood of %s", v.name, answered, many(all, "polite client"),
		many(v.x.Settings["requests"], "request"))
	g := v.PerGroup["polite"]
	if answered == 0 {
		return text + v.because()
	}
	overtaken := slices.Sorted(slices.Values(v.s.tally.groups["polite"].overtaken))
	return text + fmt.Sprintf(". Half of them waited for at most %s to others, the unluckiest for %s, in %s",
		many(overtaken[(len(overtaken)-1)/2], "reply"), count(int64(overtaken[len(overtaken)-1])), span(g.Latency.Max))
}

// unread is about the flood itself, and the request that one read does not fetch.
func (v words) unread() string {
	text, flood := "it answered all of the flood", v.PerGroup["flood"].Requests
	if flood.Failed > 0 {
		text = fmt.Sprintf("it answered %s of the flood and then no more", many(flood.Answered, "request"))
	}
	if v.PerGroup["long"].Requests.Answered == 0 {
		return text + ", and never the one of 6,000 bytes, which takes two reads"
	}
	return text + ", and the request of 6,000 bytes, which takes two reads"
}

// consumed is about the client that asked much and read nothing for a while.
func (v words) consumed() string {
	if v.Exit != "" {
		return ""
	}
	wanted := v.x.Settings["requests"]
	text := fmt.Sprintf("%s was asked %s for %s by a client that read nothing for %s. Meanwhile ", v.name, times(wanted),
		v.x.Scenario.Texts(v.x.Settings)["size"], span(float64(v.x.Settings["pause"])))
	if v.s.over > 0 {
		text += "its buffer passed the high-water mark, and "
	}
	if v.s.askedUnread < wanted {
		text += fmt.Sprintf("it took %d of the requests, and then no more", v.s.askedUnread)
	} else {
		text += "it took all of the requests"
	}
	if r := v.PerGroup["consumer"].Requests; r.Answered < wanted {
		text += fmt.Sprintf(". It answered %d", r.Answered) + v.because()
	}
	return text
}

func (v words) memory() string {
	return fmt.Sprintf("its memory went from %s to %s", megabytes(v.s.rssAtKB), megabytes(v.RSSKBMax))
}

// refused is about replies that say that there is no answer, and about answers.
func (v words) refused() string {
	all, answered := v.clients("asking")
	refused := v.s.tally.groups["asking"].refused
	switch {
	case answered == all:
		text := fmt.Sprintf("%s answered %d of %s; none of them had an answer before %s", v.name, answered, many(all, "client"),
			span(toMS(slices.Min(v.s.tally.groups["asking"].latency))))
		if name := v.x.Scenario.Name; name == "swallowed-timeout" && strings.HasSuffix(v.ID, "-timeout") {
			text += fmt.Sprintf(", though it gives the backend %s", span(toMS(int64(scenario.Patience))))
		}
		return text
	case len(refused) == 0:
		return fmt.Sprintf("%s answered %d of %s", v.name, answered, many(all, "client")) + v.because()
	}
	text := fmt.Sprintf("%s told %d of %s that there is no answer, the last after %s", v.name, len(refused), many(all, "client"),
		span(toMS(slices.Max(refused))))
	if answered > 0 {
		text += fmt.Sprintf(", and answered %d", answered)
	}
	return text
}

// runOn is about questions whose request was over.
func (v words) runOn() string {
	asked, _ := v.s.backend.Questions()
	failed := len(v.s.tally.groups["asking"].refused)
	abandoned := v.s.backend.Abandoned()
	text := fmt.Sprintf("of %s, %d failed", many(asked, "question"), failed)
	if left := asked - failed - abandoned; left > 0 {
		text += fmt.Sprintf(", and %d ran on to their answer, %s later, which nobody was waiting for", left, span(float64(v.x.Settings["delay"])))
	}
	if abandoned > 0 {
		text += fmt.Sprintf(", and %d were called off: the backend saw their connections close", abandoned)
	}
	return text
}

func (v words) askedFor() string {
	asked, _ := v.s.backend.Questions()
	text := fmt.Sprintf("it asked the backend %s", times(asked))
	if n := v.s.backend.Abandoned(); n > 0 {
		text += fmt.Sprintf(", and hung up on it %s", times(n))
	}
	return text
}

func megabytes(kb int64) string { return strconv.FormatFloat(float64(kb)/1024, 'f', 1, 64) + " MB" }
