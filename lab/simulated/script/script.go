// Package script has the scenarios of the lab, scaled down for the simulated kernel: a handful of clients, small
// buffers, the lab's own requests. It is data: nothing here builds or runs anything.
package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Servers are the folders below runnable whose servers can be stepped, in the order of the book.
func Servers() []string { return slices.Clone(servers) }

var servers = []string{
	"blocking", "blocking/threads", "nonblocking", "select", "select/threads", "epoll", "epoll/poll", "epoll/edge",
	"callbacks", "tornado/httpserver", "coroutines", "asyncawait", "asyncawait/mistakes", "wsgi", "wsgi/mistakes", "asgi",
	"asgi/mistakes",
}

// File is the name of a server's module, without its ending: epoll-edge.
func File(server string) string { return strings.ReplaceAll(server, "/", "-") }

// Addresses at which the program listens, and the backend.
const (
	Addr    = "127.0.0.1:8080"
	Backend = "127.0.0.1:8081"
)

// Args are the flags that tell a program the addresses. Those of the server's entry in the catalogue come before.
func Args() []string { return []string{"-addr", Addr, "-backend", Backend} }

// Scenarios are the names, in the order of the book.
func Scenarios() (names []string) {
	for _, s := range scenarios {
		names = append(names, s.name)
	}
	return names
}

// Script returns the lines that a module's configure takes.
func Script(scenario string) (string, error) {
	for _, s := range scenarios {
		if s.name == scenario {
			return "backend " + Backend + " 20000000\n" + s.before + strings.Join(s.clients, ""), nil
		}
	}
	return "", fmt.Errorf("no scenario %q for the simulated kernel; there are: %s", scenario,
		strings.Join(Scenarios(), ", "))
}

type scenario struct {
	name    string
	before  string // lines about the machine
	clients []string
}

// small are buffers that a short answer fills.
const small = "buffers 256 256\n"

var scenarios = []scenario{
	{name: "one-slow", clients: []string{
		client("slow 1", 0, send(get("/")[:8]), pause(2*time.Second), send(get("/")[8:]), receive(1)),
		visitor("fast 1", 100*time.Millisecond, "/"), visitor("fast 2", 120*time.Millisecond, "/"),
	}},
	{name: "crowd", clients: []string{
		visitor("crowd 1", 0, "/ask?delay=50&of=1"), visitor("crowd 2", 0, "/ask?delay=50&of=2"),
		visitor("crowd 3", 0, "/ask?delay=50&of=3"),
	}},
	{name: "trickle", clients: []string{
		client("trickle 1", 0, send(get("/")[:1]), pause(5*time.Millisecond), send(get("/")[1:2]),
			pause(5*time.Millisecond), send(get("/")[2:20]), pause(5*time.Millisecond), send(get("/")[20:]), receive(1)),
		visitor("fast 1", 7*time.Millisecond, "/"),
	}},
	{name: "reset", clients: []string{
		client("reset 1", 0, send(get("/")[:18]), pause(20*time.Millisecond), "abort\n"),
		client("reset 2", 5*time.Millisecond, send(get("/")), pause(20*time.Millisecond), "abort\n"),
		visitor("polite 1", 10*time.Millisecond, "/"), visitor("polite 2", 30*time.Millisecond, "/ask?of=2"),
	}},
	{name: "slow-reader", before: small, clients: []string{
		client("slow-reader 1", 0, send(get("/ask?size=1500&of=1")), pause(2*time.Second), receive(1)),
		visitor("fast 1", 250*time.Millisecond, "/"), visitor("fast 2", 300*time.Millisecond, "/"),
	}},
	{name: "c10k", clients: []string{
		client("idle 1", 0, send(get("/")), receive(1), pause(2*time.Second)),
		client("idle 2", time.Millisecond, send(get("/")), receive(1), pause(2*time.Second)),
		client("idle 3", 2*time.Millisecond, send(get("/")), receive(1), pause(2*time.Second)),
		client("active 1", 100*time.Millisecond, send(get("/")), receive(1), pause(100*time.Millisecond), send(get("/")),
			receive(1)),
	}},
	{name: "cpu-hog", clients: []string{
		visitor("hog 1", 0, "/burn?ms=20"), visitor("fast 1", 5*time.Millisecond, "/"),
	}},
	{name: "storm", clients: []string{
		visitor("storm 1", 0, "/"), visitor("storm 2", 0, "/"), visitor("storm 3", 0, "/"), visitor("storm 4", 0, "/"),
		visitor("storm 5", 0, "/"),
	}},
	{name: "slow-clients", clients: []string{
		client("slow 1", 0, send(get("/")[:1]), pause(time.Second), send(get("/")[1:9]), pause(time.Second),
			send(get("/")[9:]), receive(1)),
		client("slow 2", 0, send(get("/")[:2]), pause(time.Second), send(get("/")[2:]), receive(1)),
		visitor("fast 1", 200*time.Millisecond, "/"),
	}},
	{name: "blocking-call", clients: []string{
		visitor("asking 1", 0, "/ask?delay=500&of=1"),
		visitor("fast 1", 50*time.Millisecond, "/"), visitor("fast 2", 100*time.Millisecond, "/"),
	}},
	{name: "forgotten-await", clients: []string{
		visitor("asking 1", 0, "/ask?delay=50&of=1"), visitor("asking 2", 10*time.Millisecond, "/ask?delay=50&of=2"),
	}},
	{name: "edge-starvation", clients: []string{
		client("flood 1", 0, send(strings.Repeat(long("/", 500), 60)), "forever\n"),
		client("long 1", time.Millisecond, pause(300*time.Millisecond), send(long("/", 6000)), receive(1)),
		visitor("polite 1", 0, "/"),
	}},
	{name: "slow-consumer", before: small, clients: []string{
		client("consumer 1", 0, send(strings.Repeat(get("/ask?size=200"), 4)), pause(time.Second), receive(4)),
	}},
	{name: "fan-out", clients: []string{
		client("asking 1", 0, "unchecked\n", send(get("/ask?delay=500&delay=500&hangup=1")), receive(1),
			pause(time.Second)),
	}},
	{name: "swallowed-timeout", clients: []string{
		client("asking 1", 0, "unchecked\n", send(get("/ask?delay=500&of=1")), receive(1)),
	}},
	{name: "missing-close", clients: []string{
		client("leaver 1", 0, send(get("/rows?"+strings.TrimSuffix(strings.Repeat("delay=20&", 6), "&"))),
			pause(50*time.Millisecond), "abort\n"),
		client("polite 1", 500*time.Millisecond, "want "+strconv.Quote(strings.Repeat("DELAY=5\n", 3))+"\n",
			send(get("/rows?delay=5&delay=5&delay=5")), receive(1)),
	}},
	{name: "after-first-chunk", clients: []string{
		client("broken 1", 0, "may-fail\n", "want "+strconv.Quote(strings.Repeat("delay=5\n", 4))+"\n",
			send(get("/rows?delay=5&delay=5&hangup=1&delay=5")), receive(1)),
		client("whole 1", 0, "want "+strconv.Quote(strings.Repeat("delay=5\n", 4))+"\n",
			send(get("/rows?delay=5&delay=5&delay=5&delay=5")), receive(1)),
	}},

	// Not the lab's.

	{name: "first", clients: []string{visitor("client 1", 0, "/")}},
	{name: "mixed", clients: []string{
		client("slow 1", 0, send(get("/")[:18]), pause(time.Second), send(get("/")[18:]), receive(1)),
		client("fast 1", time.Millisecond, send(get("/")+get("/ask?of=2")), receive(2)),
		visitor("asking 1", 2*time.Millisecond, "/ask?of=3"),
	}},
	{name: "half-closed", clients: []string{
		client("client 1", 0, send(get("/ask?of=1")), "end\n", receive(1)), visitor("client 2", time.Millisecond, "/"),
	}},
	{name: "silent-backend", clients: []string{
		visitor("asking 1", 0, "/ask?silent=1"),
		visitor("fast 1", 50*time.Millisecond, "/"), visitor("fast 2", 100*time.Millisecond, "/"),
	}},
	{name: "no-descriptors", before: "descriptors 8\n", clients: []string{
		client("holds 1", 0, send(get("/")), receive(1), pause(time.Second)),
		client("holds 2", 0, send(get("/")), receive(1), pause(time.Second)),
		client("holds 3", 0, send(get("/")), receive(1), pause(time.Second)),
		client("holds 4", 0, send(get("/")), receive(1), pause(time.Second)),
		visitor("late 1", 10*time.Millisecond, "/"),
	}},
}

// get returns the lab's request for a target.
func get(target string) string { return "GET " + target + " HTTP/1.1\r\nHost: era.test\r\n\r\n" }

// long returns the request for a target, padded to a size.
func long(target string, size int) string {
	begin := strings.TrimSuffix(get(target), "\r\n") + "X-Filler: "
	return begin + strings.Repeat("x", size-len(begin)-4) + "\r\n\r\n"
}

func client(name string, at time.Duration, steps ...string) string {
	return fmt.Sprintf("client %s %s %d\n", name, Addr, at) + strings.Join(steps, "")
}

// visitor is a client that asks once, takes the reply and leaves.
func visitor(name string, at time.Duration, target string) string {
	return client(name, at, send(get(target)), receive(1))
}

func send(text string) string      { return "send " + strconv.Quote(text) + "\n" }
func receive(n int) string         { return fmt.Sprintf("receive %d\n", n) }
func pause(d time.Duration) string { return fmt.Sprintf("pause %d\n", d) }
