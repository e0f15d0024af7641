//go:build linux || darwin

package wsgi

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"era/runnable/kit/http1"
	"era/runnable/kit/sys"
)

// TestMoreClientsThanThreads: whoever stays connected, or has sent half a head, costs no thread.
func TestMoreClientsThanThreads(t *testing.T) {
	addr, _ := serve(t, &Threads{App: all, N: 2, Errors: io.Discard})
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

// TestBusyThreadsMakeOthersWait: a pool has an end. Two clients hold both threads in the middle of their bodies; the third
// is answered when one of them is done.
func TestBusyThreadsMakeOthersWait(t *testing.T) {
	addr, _ := serve(t, &Threads{App: all, N: 2, Errors: io.Discard})
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
	third.send(get("/closed")) // it will tell how many iterators were closed before its turn
	busy[0].send("x")
	if _, said := busy[0].reply(); said != "200 OK: first then x, <nil>" {
		t.Errorf("got %q, want %q", said, "200 OK: first then x, <nil>")
	}
	if _, said := third.reply(); said != fmt.Sprint("200 OK: ", before+1) {
		t.Errorf("%s, and %d before: it was answered while two threads were busy", said, before)
	}
	busy[1].send("x")
	busy[1].reply()
}

// TestIdleLimit: a client is not kept for ever, neither silent nor in the middle of a head.
func TestIdleLimit(t *testing.T) {
	addr, _ := serve(t, &Threads{App: all, N: 1, Idle: 1, Errors: io.Discard})
	for _, begins := range []string{"", "GET / HT"} {
		c := dial(t, addr)
		c.send(begins)
		if all, err := io.ReadAll(c); err != nil && len(all) > 0 { // it may be a reset: part of a head was never read
			t.Errorf("%q, %v", all, err)
		}
	}
}

// TestPatienceWithWhoeverNeverRests: a client who sends without a pause may not be idle ever, and is let go all the same.
func TestPatienceWithWhoeverNeverRests(t *testing.T) {
	r, w, err := sys.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close(r)
	defer sys.Close(w)
	for name, c := range map[string]*conn{"with no head": {}, "with nothing that we want": {leaving: true}} {
		c.fd, c.scratch = r, &scratch{}
		for _, left := range []time.Duration{time.Hour, -1} {
			if _, err := sys.Write(w, []byte("\r\n")); err != nil {
				t.Fatal(err)
			}
			c.until = time.Now().Add(left)
			if stays := c.turn(&server{}, false); stays != (left > 0) {
				t.Errorf("%s: with %v left it stays: %v", name, left, stays)
			}
		}
	}
}

// TestChunksAreNotHeldBack: a reply in two chunks costs the same client a little more than one of one chunk. It was hundreds
// of times as much while the kernel held the second back until the first was acknowledged.
func TestChunksAreNotHeldBack(t *testing.T) {
	addr, _ := serve(t, &Threads{App: all, N: 1, Errors: io.Discard})
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
	median("/two") // a young connection's bytes are acknowledged at once
	if one, two := median("/hello"), median("/two"); two > 30*one {
		t.Errorf("%v for one chunk, %v for two", one, two)
	}
}

// TestLargeChunkIsNotKept: a thread does not hold for ever as much as the largest chunk that it ever sent.
func TestLargeChunkIsNotKept(t *testing.T) {
	r, w, err := sys.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close(r)
	const large = 4 << 20
	read := make(chan int)
	go func() {
		all, p := 0, make([]byte, 64<<10)
		for n, err := sys.Read(r, p); n > 0 && err == nil; n, err = sys.Read(r, p) {
			all += n
		}
		read <- all
	}()
	c := &conn{fd: w, scratch: &scratch{}, patience: &patience{}}
	reply := &reply{conn: c, head: &http1.Head{Version: "HTTP/1.1"}, left: unknown}
	reply.start("200 OK", nil)
	for _, size := range []int{1000, large, 1000} {
		if err := reply.write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if n := cap(c.out); n == 0 || n > kept {
			t.Errorf("after a chunk of %d bytes it keeps room for %d", size, n)
		}
	}
	sys.Close(w)
	if n := <-read; n < large {
		t.Errorf("%d bytes arrived", n)
	}
}

// TestThreadsStop: what is in flight is answered, who is idle is let go, and nobody new comes in.
func TestThreadsStop(t *testing.T) {
	addr, stop := serve(t, &Threads{App: all, N: 2, Errors: io.Discard})
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
