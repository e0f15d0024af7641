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

//go:linkname setGCPercent runtime/debug.setGCPercent
func setGCPercent(percent int32) int32

var room []byte

// The heap stays small, and has its room from the beginning: a snapshot is a copy of the memory, and when one is
// restored, memory that has grown since does not shrink. (Package debug would be a tenth of the module.)
func init() {
	setGCPercent(6)
	room = make([]byte, 500<<10)
	room = nil
	deep(make([]byte, 1))
}

// deep makes the stack of the exported functions large enough for all of them. Where it is, the host's engine keeps
// outside the memory: if it moved later, it would be elsewhere when a snapshot is restored. (The build has the runtime
// never shrink a stack.)
//
//go:noinline
func deep(b []byte) byte {
	var frame [60 << 10]byte
	copy(frame[:], b)
	return frame[len(b)]
}

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
//	descriptors N: how many the program may have open
//	buffers SEND RECEIVE: sizes of a socket's buffers
//	backend ADDRESS NANOSECONDS
//	client NAME ADDRESS NANOSECONDS
//	send "BYTES", receive N, pause NANOSECONDS, end, close, abort, forever: a step of the client above
//	want "BODY": of its next answer, where its request does not tell that
//	unchecked: its answers are not compared with what they must be
//	may-fail: it may lose its connection
//
//go:wasmexport configure
func configure(n int32) {
	var c *Client
	for line := range strings.Lines(string(inbox[:n])) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		number := func(text string) int { n, _ := strconv.Atoi(text); return n }
		switch word {
		case "descriptors":
			Machine.Kernel.Descriptors = number(rest)
		case "buffers":
			send, receive, _ := strings.Cut(rest, " ")
			Machine.Kernel.Send, Machine.Kernel.Receive = number(send), number(receive)
		case "backend":
			at, takes, _ := strings.Cut(rest, " ")
			Machine.Serve(netip.MustParseAddrPort(at), time.Duration(number(takes)))
		case "client":
			words := strings.Split(rest, " ")
			last := len(words) - 1 // a name may have spaces
			c = Machine.Client(strings.Join(words[:last-1], " "), netip.MustParseAddrPort(words[last-1]),
				time.Duration(number(words[last])))
		case "send":
			text, _ := strconv.Unquote(rest)
			c.Steps = append(c.Steps, Step{Do: Send, Bytes: []byte(text)})
		case "receive":
			c.Steps = append(c.Steps, Step{Do: Receive, N: number(rest)})
		case "pause":
			c.Steps = append(c.Steps, Step{Do: Pause, For: time.Duration(number(rest))})
		case "end":
			c.Steps = append(c.Steps, Step{Do: End})
		case "forever":
			c.Steps = append(c.Steps, Step{Do: Forever})
		case "want":
			text, _ := strconv.Unquote(rest)
			c.Wants = append(c.Wants, text)
		case "may-fail":
			c.MayFail = true
		case "close":
			c.Steps = append(c.Steps, Step{Do: Close})
		case "abort":
			c.Steps = append(c.Steps, Step{Do: Abort})
		case "unchecked":
			c.Unchecked = true
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
	for _, c := range append([]Choice(nil), Machine.Choices()...) {
		b.WriteString(c.String() + "\t" + Machine.Text(c) + "\n")
	}
	return out(b.String())
}

// next is the choice of a calm machine, or nothing.
//
//go:wasmexport next
func next() int64 {
	if c, ok := Machine.Next(); ok {
		return out(c.String())
	}
	return 0
}

// take makes the choice in the first n bytes of the inbox. The result is 0 if there is no such choice.
//
//go:wasmexport take
func take(n int32) int32 {
	if c, ok := parse(string(inbox[:n])); ok && Machine.Take(c) {
		return 1
	}
	return 0
}

// follow takes the choices of the list in the first n bytes of the inbox, with spaces between, without those that there
// are not. The result is the property's number at its first breach, else 0.
//
//go:wasmexport follow
func follow(n, property int32) int32 {
	var list []Choice
	for text := range strings.FieldsSeq(string(inbox[:n])) {
		if c, ok := parse(text); ok {
			list = append(list, c)
		}
	}
	return int32(Machine.Follow(list, Property(property)))
}

// wander takes up to most random choices, which the seed decides. The result is as follow's.
//
//go:wasmexport wander
func wander(seed int64, most, property int32) int32 {
	return int32(Machine.Wander(uint64(seed), int(most), Property(property)))
}

// calm goes on as a calm machine would, for up to most choices. The result is as follow's.
//
//go:wasmexport calm
func calm(most, property int32) int32 { return int32(Machine.Calm(int(most), Property(property))) }

// taken is the list of the choices so far.
//
//go:wasmexport taken
func taken() int64 {
	var b []byte
	for _, c := range Machine.Taken {
		b = append(append(b, c.String()...), ' ')
	}
	return out(string(b[:max(len(b)-1, 0)]))
}

// said tells what the last choice did.
//
//go:wasmexport said
func said() int64 { return out(Machine.Said()) }

// over tells why the program has ended; it is empty while it runs.
//
//go:wasmexport over
func over() int64 { return out(Machine.Over) }

// state is all that a view shows.
//
//go:wasmexport state
func state() int64 { return out(Machine.State()) }

// clients tells how each client fares, one a line: its name, how many replies it wants, how many it has, whether it has
// ended, why it failed, and its replies, quoted, with tabs between.
//
//go:wasmexport clients
func clients() int64 {
	var b strings.Builder
	for _, c := range Machine.Clients {
		b.WriteString(strings.Join([]string{c.Name, strconv.Itoa(c.replies(len(c.Steps))), strconv.Itoa(c.Answered),
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
func files() int32 { return int32(Machine.Files()) }

// threads lists the program's threads that have not ended, one a line: its number, a tab, the call before which it
// stands or in which it waits, a tab, and that call's source line.
//
//go:wasmexport threads
func threads() int64 {
	var b strings.Builder
	for _, t := range Machine.alive() {
		call, site := "", ""
		if t.Call != nil {
			call, site = t.Call.Text(), t.Call.stack.inside()
		}
		b.WriteString(strconv.Itoa(t.ID) + "\t" + call + "\t" + site + "\n")
	}
	return out(b.String())
}
