package simulation

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"era/runnable/kit/kernel"
)

// Machine is the machine of this WebAssembly module. Its host speaks to it through the functions below.
// Texts go in through the inbox, and come out as an address in memory, in the upper half of a number, and a length.
var Machine = New(kernel.Usual)

var inbox [64 << 10]byte

// The address of the inbox.
//
//go:wasmexport inbox
func inboxAt() unsafe.Pointer { return unsafe.Pointer(&inbox) }

// The address of the clock, in nanoseconds, from which clock_time_get of WASI reads. Each reading moves it on a little,
// so that a program that computes for some time comes to an end.
//
//go:wasmexport clock
func clockAt() unsafe.Pointer { return unsafe.Pointer(&Machine.Now) }

func out(text string) int64 {
	return int64(uintptr(unsafe.Pointer(unsafe.StringData(text))))<<32 | int64(len(text))
}

// configure reads clients and a backend, one thing a line, from n bytes of the inbox:
//
//	backend ADDRESS NANOSECONDS
//	client NAME ADDRESS NANOSECONDS
//	send "BYTES", receive N, pause NANOSECONDS, close, abort: a step of the client above
//
//go:wasmexport configure
func configure(n int32) {
	var c *Client
	for line := range strings.Lines(string(inbox[:n])) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		number := func(text string) int { n, _ := strconv.Atoi(text); return n }
		switch word {
		case "backend":
			at, takes, _ := strings.Cut(rest, " ")
			Machine.Serve(netip.MustParseAddrPort(at), time.Duration(number(takes)))
		case "client":
			words := strings.Split(rest, " ")
			c = Machine.Client(words[0], netip.MustParseAddrPort(words[1]), time.Duration(number(words[2])))
		case "send":
			text, _ := strconv.Unquote(rest)
			c.Steps = append(c.Steps, Step{Do: Send, Bytes: []byte(text)})
		case "receive":
			c.Steps = append(c.Steps, Step{Do: Receive, N: number(rest)})
		case "pause":
			c.Steps = append(c.Steps, Step{Do: Pause, For: time.Duration(number(rest))})
		case "close":
			c.Steps = append(c.Steps, Step{Do: Close})
		case "abort":
			c.Steps = append(c.Steps, Step{Do: Abort})
		default:
			panic("configure: " + line)
		}
	}
}

// settle lets the program run to its first call.
//
//go:wasmexport settle
func settle() { Machine.Settle() }

// choices lists what may happen next, one a line: the choice, a tab, and what it is in words.
//
//go:wasmexport choices
func choices() int64 {
	var b strings.Builder
	for _, c := range Machine.Choices() {
		b.WriteString(c.String() + "\t" + c.Text + "\n")
	}
	return out(b.String())
}

// next is the choice of a calm machine.
//
//go:wasmexport next
func next() int64 { return out(Machine.Next()) }

// take makes the choice in the first n bytes of the inbox. The result is 0 if there is no such choice.
//
//go:wasmexport take
func take(n int32) int32 {
	if Machine.Take(string(inbox[:n])) {
		return 1
	}
	return 0
}

// said tells what the last choice did.
//
//go:wasmexport said
func said() int64 { return out(Machine.Said) }

// clients tells how each client fares, one a line: its name, how many replies it wants, how many it has, whether it has
// ended, why it failed, and its replies, quoted, with tabs between.
//
//go:wasmexport clients
func clients() int64 {
	var b strings.Builder
	for _, c := range Machine.Clients {
		want := 0
		for _, s := range c.Steps {
			if s.Do == Receive {
				want += s.N
			}
		}
		b.WriteString(strings.Join([]string{c.Name, strconv.Itoa(want), strconv.Itoa(c.Answered),
			strconv.FormatBool(c.ended), c.Failed}, "\t"))
		for _, r := range c.Replies {
			b.WriteString("\t" + strconv.Quote(string(r)))
		}
		b.WriteString("\n")
	}
	return out(b.String())
}

// files counts the program's open descriptors.
//
//go:wasmexport files
func files() (n int32) {
	for _, f := range Machine.Program.Files() {
		if f != nil {
			n++
		}
	}
	return n
}

// threads lists the program's threads that have not ended, one a line: its number, a tab, the call before which it
// stands or in which it waits, a tab, and that call's source line.
//
//go:wasmexport threads
func threads() int64 {
	var b strings.Builder
	for _, t := range Machine.Threads {
		switch {
		case t.ended:
		case t.Call == nil:
			b.WriteString(strconv.Itoa(t.ID) + "\t\t\n")
		default:
			b.WriteString(strconv.Itoa(t.ID) + "\t" + t.Call.Text + "\t" + t.Call.Site + "\n")
		}
	}
	return out(b.String())
}
