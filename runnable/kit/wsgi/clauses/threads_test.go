//go:build linux || darwin

package clauses

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"era/runnable/kit/wsgi"
)

// TestMoreClientsThanThreads: a client that stays connected, or has sent half a head, occupies no thread.
func TestMoreClientsThanThreads(t *testing.T) {
	addr, _ := serve(t, &wsgi.Threads{App: all, N: 2, Errors: io.Discard})
	var slow, stay []*client
	for range 8 {
		c := dial(t, addr)
		c.send("GET /hello HTTP/1.1\r\nHo")
		slow = append(slow, c)
	}
	for range 8 {
		stay = append(stay, dial(t, addr))
	}
	hello := func(c *client) {
		t.Helper()
		if _, said := c.reply(); said != "200 OK: hello\n" {
			t.Fatalf("got %q, want %q", said, "200 OK: hello\n")
		}
	}
	for range 3 {
		for _, c := range stay {
			c.send(get("/hello"))
			hello(c)
		}
	}
	for _, c := range slow {
		c.send("st: test\r\n\r\n")
		hello(c)
	}
}

// TestBusyThreadsMakeOthersWait: a pool is limited. Two clients occupy both threads in the middle of their bodies; the
// third is answered when one of them is done.
func TestBusyThreadsMakeOthersWait(t *testing.T) {
	addr, _ := serve(t, &wsgi.Threads{App: all, N: 2, Errors: io.Discard})
	var busy [2]*client
	for i := range busy {
		busy[i] = dial(t, addr)
		busy[i].send("POST /gate HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
		if _, err := busy[i].Peek(1); err != nil { // the head and the first chunk: its thread waits for the body now
			t.Fatal(err)
		}
	}
	before := closed.Load()
	third := dial(t, addr)
	third.send(get("/closed")) // returns how many iterators were closed before its turn
	busy[0].send("x")
	if _, said := busy[0].reply(); said != "200 OK: first then x, <nil>" {
		t.Errorf("got %q, want %q", said, "200 OK: first then x, <nil>")
	}
	if _, said := third.reply(); said != fmt.Sprint("200 OK: ", before+1) {
		t.Errorf("%s, %d before: answered while two threads were busy", said, before)
	}
	busy[1].send("x")
	busy[1].reply()
}

// TestIdleLimit: the connection of a client that is silent, or in the middle of a head, is closed in the end.
func TestIdleLimit(t *testing.T) {
	addr, _ := serve(t, &wsgi.Threads{App: all, N: 1, Idle: 1, Errors: io.Discard})
	for _, begins := range []string{"", "GET / HT"} {
		c := dial(t, addr)
		c.send(begins)
		if all, err := io.ReadAll(c); err != nil && len(all) > 0 { // a reset is possible: part of a head was never read
			t.Errorf("%q, %v", all, err)
		}
	}
}

// TestChunksAreNotHeldBack: a reply in two chunks takes little longer than one in one chunk. It took hundreds of times
// as long while the kernel delayed the second until the first was acknowledged.
func TestChunksAreNotHeldBack(t *testing.T) {
	addr, _ := serve(t, &wsgi.Threads{App: all, N: 1, Errors: io.Discard})
	c := dial(t, addr)
	median := func(path string) time.Duration {
		var took []time.Duration
		for range 25 {
			began := time.Now()
			c.send(get(path))
			c.reply()
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	median("/two") // a new connection's bytes are acknowledged at once
	if one, two := median("/hello"), median("/two"); two > 30*one {
		t.Errorf("%v for one chunk, %v for two", one, two)
	}
}

// TestThreadsStop: requests in progress are answered, idle connections are closed, and no new client is accepted.
func TestThreadsStop(t *testing.T) {
	addr, stop := serve(t, &wsgi.Threads{App: all, N: 2, Errors: io.Discard})
	idle, busy := dial(t, addr), dial(t, addr)
	idle.send(get("/hello"))
	idle.reply()
	busy.send("POST /gate HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
	if _, err := busy.Peek(1); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- stop() }()
	if rest, err := io.ReadAll(idle); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
	busy.send("x")
	if _, said := busy.reply(); said != "200 OK: first then x, <nil>" {
		t.Errorf("got %q, want %q", said, "200 OK: first then x, <nil>")
	}
	if rest, err := io.ReadAll(busy); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
