package lab

import (
	"fmt"

	"era/lab/traffic"
)

func (v words) pause() string { return span(float64(v.x.Settings["pause"])) }

func (v words) echoed() string {
	all, answered := v.requests("lines")
	text := fmt.Sprintf("%s sent back %s of %s", v.name, count(int64(answered)), many(all, "line"))
	if answered < all {
		return text + v.because()
	}
	return text + fmt.Sprintf(" while another client held half a line for %s; the longest wait for a line was %s", v.pause(),
		span(v.PerGroup["lines"].Latency.Max))
}

func (v words) half() string {
	if _, answered := v.requests("half"); answered == 1 {
		return "the half line came back when it was whole"
	}
	return "the half line never came back"
}

// cameBack counts datagrams; nobody else does.
func (v words) cameBack() string {
	all, answered := v.requests("burst")
	text := fmt.Sprintf("%s of %s came back from %s", count(int64(answered)), many(all, "datagram"), v.name)
	switch lost := v.s.tally.whys[traffic.Lost]; {
	case lost == 1:
		text += "; 1 was lost, and nobody was told"
	case lost > 1:
		text += fmt.Sprintf("; %s were lost, and nobody was told", count(int64(lost)))
	case answered == all:
		text += fmt.Sprintf("; the longest was under way for %s", span(v.PerGroup["burst"].Latency.Max))
	default:
		text += v.because()
	}
	return text
}

// tookAndSent says on which side of the server datagrams were lost, as far as its trace tells.
func (v words) tookAndSent() string {
	if !v.Traced.Seen() || v.Exit != "" || v.Events.Dropped > 0 { // then calls that took none are not all known
		return ""
	}
	took := v.Syscalls["recvfrom"] - v.Again
	text := fmt.Sprintf("on one socket, for %s, it took %s and sent %s", many(len(v.x.script.Clients), "sender"),
		many(int(took), "datagram"), count(v.Syscalls["sendto"]))
	all, answered := v.requests("burst")
	if never := all - int(took); never > 0 {
		text += fmt.Sprintf("; %s never reached it, for want of room in the kernel's buffer of its socket", count(int64(never)))
	}
	if after := v.Syscalls["sendto"] - int64(answered); after > 0 {
		text += fmt.Sprintf("; %s were lost, or too late, on the way back", count(after))
	}
	return text
}

func (v words) delivered() string {
	all, answered := v.requests("quick")
	text := fmt.Sprintf("%s took %d of %s", v.name, answered, many(all, "quick mail"))
	if answered < all {
		return text + v.because()
	}
	return text + fmt.Sprintf(" while another client stopped in the middle of its own for %s; the longest wait between a mail's last dot and the word that it is there was %s",
		v.pause(), span(v.PerGroup["quick"].Latency.Max))
}

func (v words) slowMail() string {
	if _, answered := v.requests("slow"); answered == 1 {
		return "the slow one's mail was taken as well"
	}
	return "the slow one's mail was not taken"
}
