package verdict

import (
	"fmt"
	"strings"

	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/words"
)

// fastBesideAsking is about clients that only wanted a quick reply.
func (f facts) fastBesideAsking() string {
	all, answered := f.clients("fast")
	asking, _ := f.clients("asking")
	text := fmt.Sprintf("%s answered %d of %s while %s asked a backend that takes %s; "+
		"the longest any of them waited was %s", f.name, answered, words.Plural(all, "fast client"),
		words.Plural(asking, "other"), f.span("delay"), f.longest("fast"))
	if f.stuck() && f.Observed.Threads == 1 { // a thread that sits in a call does no harm if there are others
		text += ": with all clients on its one thread, " + f.satIn()
	}
	return text
}

func (f facts) askedAtOnce() string {
	text := "the backend never had more than one question at a time"
	if n := f.Observed.Backend.AtOnce; n > 1 {
		text = fmt.Sprintf("the backend had up to %d questions at once", n)
	}
	if n := f.Observed.Serving; n > 1 {
		text += fmt.Sprintf(", from %s beside the loop's", words.Plural(n-1, "thread"))
	}
	return text
}

// bodies is about replies that came and were not the answer.
func (f facts) bodies() string {
	all, answered := f.clients("asking")
	g := f.Observed.Groups["asking"]
	if g.Refused == 0 {
		return f.answers(f.name, "asking", "asking")
	}
	text := fmt.Sprintf("%s replied to %d of %s, and %d of the replies %s the backend's line", f.name,
		answered+g.Refused, words.Plural(all, "client"), g.Refused, words.Verb(g.Refused, "lacks", "lack"))
	for _, why := range frequent(g.Reasons) {
		if body, found := strings.CutPrefix(why, recording.AnotherBody); found {
			if body == `""` {
				body = "nothing"
			}
			text += ": in its place stands " + body
			break
		}
	}
	return text + fmt.Sprintf(". The longest wait was %s, and the backend takes %s", words.Millis(g.RefusedMS),
		f.span("delay"))
}

// lostAnswers is about answers that no request waited for.
func (f facts) lostAnswers() string {
	asked := f.Observed.Backend.Asked
	switch lost := f.Observed.Groups["asking"].Refused; {
	case lost == 0:
		return ""
	case asked == 0:
		return "the backend was asked nothing"
	default:
		return fmt.Sprintf("the backend was asked %s, and %s reached no client", words.Times(asked),
			words.Plural(min(lost, asked), "answer"))
	}
}

// politeBesideFlood is about clients that asked beside one that floods the server.
func (f facts) politeBesideFlood() string {
	all, answered := f.clients("polite")
	text := fmt.Sprintf("%s answered %d of %s beside a flood of %s", f.name, answered,
		words.Plural(all, "polite client"), words.Plural(f.settings["requests"], "request"))
	if answered == 0 {
		return text + f.because()
	}
	o := f.Observed.Groups["polite"].Overtaken
	return text + fmt.Sprintf(". Half of them waited for at most %s to others, the unluckiest for %s, in %s",
		words.Plural(o.P50, "reply"), words.Number(o.Max), f.longest("polite"))
}

// flood is about the flood itself, and the request that needs two reads.
func (f facts) flood() string {
	text := "it answered all of the flood"
	if r := f.PerGroup["flood"].Requests; r.Failed > 0 {
		text = fmt.Sprintf("it answered %s of the flood and then no more", words.Plural(r.Answered, "request"))
	}
	if f.PerGroup["long"].Requests.Answered == 0 {
		return text + ", and never the one of 6,000 bytes, which takes two reads"
	}
	return text + ", and the request of 6,000 bytes, which takes two reads"
}

// consumed is about the client that asked for much and read nothing for a while.
func (f facts) consumed() string {
	if f.Exit != "" {
		return ""
	}
	wanted, taken := f.settings["requests"], f.Observed.Backend.AskedUnread
	text := fmt.Sprintf("%s was asked %s for %s by a client that read nothing for %s. Meanwhile ", f.name,
		words.Times(wanted), f.texts["size"], f.span("pause"))
	if f.Observed.Buffers > 0 {
		text += "its buffer passed the high-water mark, and "
	}
	if taken < wanted {
		text += fmt.Sprintf("it took %d of the requests, and then no more", taken)
	} else {
		text += "it took all of the requests"
	}
	if r := f.PerGroup["consumer"].Requests; r.Answered < wanted {
		text += fmt.Sprintf(". It answered %d", r.Answered) + f.because()
	}
	return text
}

// refused is about replies that say that there is no answer, and about answers.
func (f facts) refused() string {
	all, answered := f.clients("asking")
	g := f.Observed.Groups["asking"]
	switch {
	case answered == all:
		text := fmt.Sprintf("%s answered %d of %s; none of them had an answer before %s", f.name, answered,
			words.Plural(all, "client"), words.Millis(g.QuickestMS))
		if f.scenario == "swallowed-timeout" && strings.HasSuffix(f.ID, "-timeout") {
			text += ", though it gives the backend " + words.Duration(scenario.Patience)
		}
		return text
	case g.Refused == 0:
		return fmt.Sprintf("%s answered %d of %s", f.name, answered, words.Plural(all, "client")) + f.because()
	}
	text := fmt.Sprintf("%s told %d of %s that there is no answer, the last after %s", f.name, g.Refused,
		words.Plural(all, "client"), words.Millis(g.RefusedMS))
	if answered > 0 {
		text += fmt.Sprintf(", and answered %d", answered)
	}
	return text
}

// ranOn is about questions whose request was over.
func (f facts) ranOn() string {
	b, failed := f.Observed.Backend, f.Observed.Groups["asking"].Refused
	text := fmt.Sprintf("of %s, %d failed", words.Plural(b.Asked, "question"), failed)
	if left := b.Asked - failed - b.Abandoned; left > 0 {
		text += fmt.Sprintf(", and %d ran on to %s, %s later, which no request was waiting for", left,
			words.Verb(left, "its answer", "their answers"), f.span("delay"))
	}
	if b.Abandoned > 0 {
		text += fmt.Sprintf(", and %d %s called off: the backend saw %s close", b.Abandoned,
			words.Verb(b.Abandoned, "was", "were"), words.Verb(b.Abandoned, "its connection", "their connections"))
	}
	return text
}

func (f facts) askedAndHungUp() string {
	b := f.Observed.Backend
	text := "it asked the backend " + words.Times(b.Asked)
	if b.Abandoned > 0 {
		text += ", and hung up on it " + words.Times(b.Abandoned)
	}
	return text
}
