package verdict

import (
	"fmt"
	"strings"

	"era/lab/words"
)

func (f facts) fastBesideSilent() string { return f.others("fast", "while the slow one was silent") }

func (f facts) fastBesideStalledReader() string {
	return f.others("fast", "while the other did not read")
}

func (f facts) politeBesideResets() string { return f.answers(f.name, "polite", "polite") }

func (f facts) trickling() string { return f.answers(f.name, "trickle", "trickling") }

func (f facts) fastBesideTrickling() string {
	if f.settings["fast"] == 0 {
		return ""
	}
	return f.answers("it", "fast", "fast")
}

func (f facts) reads() string {
	reads, requests := f.Syscalls["read"], f.Requests.Answered
	if reads == 0 || requests == 0 {
		return ""
	}
	return fmt.Sprintf("it called read %s for %s", words.Times(reads), words.Plural(requests, "request"))
}

func (f facts) crowd() string {
	all, answered := f.clients("crowd")
	text := fmt.Sprintf("%s answered %d of %s", f.name, answered, words.Plural(all, "client"))
	if answered == 0 {
		return text + f.because()
	}
	text += fmt.Sprintf(" in %s, from the first request to the last reply",
		words.Millis(f.Observed.Groups["crowd"].TookMS))
	delay := f.settings["delay"]
	switch atOnce := f.Observed.Backend.AtOnce; {
	case all == 1:
	case atOnce == 1:
		text += fmt.Sprintf(": the backend never had more than one question at a time, and %s of %s in a row make %s",
			words.Plural(answered, "answer"), f.span("delay"), words.Millis(float64(delay*answered)))
	default:
		text += fmt.Sprintf(": the backend had up to %s at once, and one answer takes %s",
			words.Plural(atOnce, "question"), f.span("delay"))
	}
	return text
}

// resets is about the clients that hung up, and what the server's calls met.
func (f facts) resets() string {
	n, _ := f.clients("reset")
	text := fmt.Sprintf("%s reset their connections", words.Plural(n, "other client"))
	if n == 1 {
		text = "1 other client reset its connection"
	}
	if f.Exit != "" {
		return text
	}
	text += " and it survived"
	var met []string
	for _, errno := range []string{"ECONNRESET", "EPIPE", "ECONNABORTED"} {
		if n := f.Observed.HangUps[errno]; n > 0 {
			met = append(met, errno+" "+words.Times(n))
		}
	}
	if len(met) > 0 {
		text += ": its calls met " + strings.Join(met, ", ")
	}
	return text
}

// afterManyOpened is about the clients that came when many connections were open.
func (f facts) afterManyOpened() string {
	if f.Exit != "" {
		return ""
	}
	all, answered := f.clients("active")
	open, _ := f.clients("idle")
	text := fmt.Sprintf("%s answered %d of %s that came after %s had been opened", f.name, answered,
		words.Plural(all, "client"), words.Plural(open, "connection"))
	if answered < all {
		return text + f.because()
	}
	return text + "; the longest wait was " + f.longest("active")
}

// keptAsking is about the clients that asked again and again, beside those that were silent.
func (f facts) keptAsking() string {
	if f.Exit != "" {
		return ""
	}
	wanted, answered := f.requests("active")
	open, _ := f.clients("idle")
	text := fmt.Sprintf("%s answered %s of %s beside %s", f.name, words.Number(answered),
		words.Plural(wanted, "question"), words.Plural(open, "silent connection"))
	if answered < wanted {
		return text + f.because()
	}
	return text + f.waits("active")
}

func (f facts) waitingOrPrice() string {
	if text := f.waiting(); text != "" {
		return text
	}
	return f.price()
}

// waiting is what a single thread told the kernel in order to wait, and what that cost.
func (f facts) waiting() string {
	if f.Requests.Answered == 0 || f.Exit != "" || f.polled() || f.Observed.Serving > 1 {
		return ""
	}
	cost := fmt.Sprintf("with %s of CPU time for each reply", words.Millis(f.CPUMS/float64(f.Requests.Answered)))
	for _, call := range []string{"select", "poll"} {
		if n := f.Syscalls[call]; n > 0 {
			return fmt.Sprintf("it called %s %s and handed it the whole list each time, up to %s, %s",
				call, words.Times(n), words.Plural(f.Observed.Accepted+1, "descriptor"), cost)
		}
	}
	for _, call := range []string{"epoll_wait", "kevent"} {
		n, changes := f.Syscalls[call], f.Syscalls["epoll_ctl"]
		if n == 0 {
			continue
		}
		text := fmt.Sprintf("it called %s %s and handed it no list, ", call, words.Times(n))
		if changes > 0 {
			text += fmt.Sprintf("and told the kernel %s what to watch, ", words.Times(changes))
		}
		return text + cost
	}
	return ""
}

// memoryEach is what a connection takes of the server's memory. With few connections, that is too little to measure.
func (f facts) memoryEach() string {
	idle, _ := f.clients("idle")
	active, _ := f.clients("active")
	more := f.RSSKBMax - f.RSSKBStart
	if idle < 500 || more <= 0 || f.Exit != "" {
		return ""
	}
	all := idle + active
	return fmt.Sprintf("its memory grew by %s for each of %s", words.Bytes((more<<10)/int64(all)),
		words.Plural(all, "connection"))
}
