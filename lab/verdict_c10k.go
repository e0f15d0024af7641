package lab

import (
	"fmt"
	"strconv"
)

// keptAsking is about the clients that asked again and again, beside those that said nothing.
func (v words) keptAsking() string {
	if v.Exit != "" {
		return ""
	}
	wanted, answered := v.requests("active")
	open, _ := v.clients("idle")
	text := fmt.Sprintf("%s answered %s of %s beside %s", v.name, count(int64(answered)), many(wanted, "question"),
		many(open, "silent connection"))
	if answered < wanted {
		return text + v.because()
	}
	return text + v.waits("active")
}

func (v words) handedOrPrice() string {
	if text := v.handed(); text != "" {
		return text
	}
	return v.price()
}

// handed is what a single thread told the kernel in order to wait, and what it all cost.
func (v words) handed() string {
	cost := fmt.Sprintf("with %s of CPU time for each reply", fine(v.CPUMS/float64(max(v.Requests.Answered, 1))))
	if v.Requests.Answered == 0 || v.Exit != "" || v.Again > 50*int64(max(v.Requests.Answered, 1)) || v.s.picture.Serving() > 1 {
		return ""
	}
	for _, call := range []string{"select", "poll"} {
		if n := v.Syscalls[call]; n > 0 {
			return fmt.Sprintf("it called %s %s and handed it the whole list each time, up to %s, %s",
				call, times(int(n)), many(v.s.picture.Accepted()+1, "descriptor"), cost)
		}
	}
	for _, call := range []string{"epoll_wait", "kevent"} {
		n, changes := v.Syscalls[call], v.Syscalls["epoll_ctl"]
		if n == 0 {
			continue
		}
		text := fmt.Sprintf("it called %s %s and handed it no list", call, times(int(n)))
		if changes > 0 {
			text += fmt.Sprintf(", and told the kernel %s what to watch", times(int(changes)))
		}
		return text + ", " + cost
	}
	return ""
}

// holds is what a connection holds of the server's memory. Of few it cannot be told from what the server uses anyway.
func (v words) holds() string {
	idle, _ := v.clients("idle")
	active, _ := v.clients("active")
	more := v.RSSKBMax - v.RSSKBStart
	if idle < 500 || more <= 0 || v.Exit != "" {
		return ""
	}
	return fmt.Sprintf("its memory grew by %.1f KB for each of %s", float64(more)/float64(idle+active), many(idle+active, "connection"))
}

// fine writes milliseconds that are less than one: "0.042 ms".
func fine(ms float64) string { return strconv.FormatFloat(ms, 'f', 3, 64) + " ms" }
