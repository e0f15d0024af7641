package verdict

import (
	"fmt"

	"era/lab/recording"
	"era/lab/words"
)

func (f facts) echoed() string {
	all, answered := f.requests("lines")
	text := fmt.Sprintf("%s sent back %s of %s", f.name, words.Number(answered), words.Plural(all, "line"))
	if answered < all {
		return text + f.because()
	}
	return text + fmt.Sprintf(" while another client held half a line for %s; the longest wait for a line was %s",
		f.span("pause"), f.longest("lines"))
}

func (f facts) halfLine() string {
	if _, answered := f.requests("half"); answered == 1 {
		return "the half line came back when it was whole"
	}
	return "the half line never came back"
}

// cameBack counts datagrams, as no protocol does that.
func (f facts) cameBack() string {
	all, answered := f.requests("burst")
	text := fmt.Sprintf("%s of %s came back from %s", words.Number(answered), words.Plural(all, "datagram"), f.name)
	switch lost := f.Observed.Groups["burst"].Reasons[recording.Lost]; {
	case lost > 0:
		return text + fmt.Sprintf("; %s %s lost, without an error", words.Number(lost), words.Verb(lost, "was", "were"))
	case answered == all:
		return text + "; the longest was under way for " + f.longest("burst")
	}
	return text + f.because()
}

// receivedAndSent says on which side of the server datagrams were lost, as far as its trace shows.
func (f facts) receivedAndSent() string {
	// Then the calls that found no datagram are not all known.
	if !f.Traced.Seen() || f.Exit != "" || f.Events.Dropped > 0 {
		return ""
	}
	took, sent := f.Syscalls["recvfrom"]-f.Again, f.Syscalls["sendto"]
	senders, _ := f.clients("burst")
	text := fmt.Sprintf("on one socket, for %s, it took %s and sent %s", words.Plural(senders, "sender"),
		words.Plural(took, "datagram"), words.Number(sent))
	all, answered := f.requests("burst")
	if never := int64(all) - took; never > 0 {
		text += fmt.Sprintf("; %s never reached it, as the kernel's buffer of its socket was full",
			words.Number(never))
	}
	if after := sent - int64(answered); after > 0 {
		text += fmt.Sprintf("; %s %s lost, or too late, on the way back", words.Number(after),
			words.Verb(after, "was", "were"))
	}
	return text
}

func (f facts) delivered() string {
	all, answered := f.requests("quick")
	text := fmt.Sprintf("%s took %d of %s", f.name, answered, words.Plural(all, "quick mail"))
	if answered < all {
		return text + f.because()
	}
	return text + fmt.Sprintf(" while another client stopped in the middle of its own for %s; the longest wait "+
		"between a mail's last dot and its acknowledgement was %s", f.span("pause"), f.longest("quick"))
}

func (f facts) slowMail() string {
	if _, answered := f.requests("slow"); answered == 1 {
		return "the slow one's mail was taken as well"
	}
	return "the slow one's mail was not taken"
}
