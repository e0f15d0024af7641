//go:build linux || darwin

package httpserver

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"era/internal/hang"
	"era/runnable/kit/aio"
	"era/runnable/kit/http1"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

// serving runs a server; stop stops it and waits until Serve has returned.
func serving(t *testing.T, s *Server) (addr string, stop func()) {
	t.Helper()
	listener := job.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	bound, err := sys.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	loops, over := make(chan *aio.Loop, 1), make(chan error, 1)
	go func() {
		over <- aio.Run(func(task *aio.Task) error {
			loops <- task.Loop()
			return s.Serve(task, listener)
		})
	}()
	loop := <-loops
	stopped := false
	stop = func() {
		t.Helper()
		if stopped {
			return
		}
		stopped = true
		loop.CallSoonThreadsafe(s.Stop)
		if err := <-over; err != nil {
			t.Errorf("Serve: %v", err)
		}
	}
	t.Cleanup(stop)
	return bound.String(), stop
}

type client struct {
	net.Conn
	replies *bufio.Reader
}

func dial(t *testing.T, addr string) client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
	return client{conn, bufio.NewReader(conn)}
}

// body reads one reply and returns its body, or what went wrong.
func (c client) body() string {
	reply, err := http.ReadResponse(c.replies, nil)
	if err != nil {
		return "no reply: " + err.Error()
	}
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		return "half a reply: " + err.Error()
	}
	return string(body)
}

func (c client) wantEnd(t *testing.T) {
	t.Helper()
	if rest, err := io.ReadAll(c.replies); len(rest) > 0 || err != nil {
		t.Errorf("want the end of the connection, got %q, %v", rest, err)
	}
}

const root = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func answer(_ *aio.Task, request http1.Request) []byte { return request.Reply() }

// TestC3_21: a pipelined request is not begun before the reply to the one before it is written.
func TestC3_21(t *testing.T) {
	var log []string
	s := &Server{Handler: func(t *aio.Task, request http1.Request) []byte {
		if !request.Asks {
			log = append(log, "hello")
			return request.Reply()
		}
		log = append(log, "begin "+request.Question)
		for range 10 { // turns in which another request of the connection could be taken up
			aio.Sleep(t, 0)
		}
		log = append(log, "end "+request.Question)
		return request.Answer([]byte(request.Question))
	}}
	addr, stop := serving(t, s)
	c := dial(t, addr)
	io.WriteString(c, "GET /ask?1 HTTP/1.1\r\nHost: x\r\n\r\n"+root+"GET /ask?2 HTTP/1.1\r\nHost: x\r\n\r\n")
	if got := c.body() + c.body() + c.body(); got != "1\nhello\n2\n" {
		t.Errorf("bodies %q", got)
	}
	c.Close()
	stop()
	if got, want := strings.Join(log, ""), "begin 1\nend 1\nhellobegin 2\nend 2\n"; got != want {
		t.Errorf("order %q, want %q", got, want)
	}
}

// TestSilentOnesAreLeft: the connections of a client that sends nothing, and of one that sends a head byte by byte, are
// closed in the end; that of a client that asks in time is not.
func TestSilentOnesAreLeft(t *testing.T) {
	addr, _ := serving(t, &Server{Handler: answer, Idle: time.Second, Header: time.Hour})
	silent, after := dial(t, addr), dial(t, addr)
	io.WriteString(after, root)
	if got, want := after.body(), "hello\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	silent.wantEnd(t)
	after.wantEnd(t) // it had its reply, and then said nothing

	addr, _ = serving(t, &Server{Handler: answer, Idle: time.Hour, Header: 50 * time.Millisecond})
	dripping := dial(t, addr)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		io.Copy(io.Discard, dripping) // an end of file, or a reset if a byte came too late: both are an end
	}()
	for i := 0; ; i++ { // a byte now and then, as long as it is taken
		select {
		case <-ended:
			if i == 0 {
				t.Error("it was left before it had begun")
			}
			return
		case <-time.After(5 * time.Millisecond):
			if _, err := io.WriteString(dripping, "GET /slow HTTP/1.1\r\nX: "[i%10:i%10+1]); err != nil {
				<-ended
				return
			}
		}
	}
}

// TestStop: a request in flight has its reply, who waits for nothing is let go, and no new client is accepted.
func TestStop(t *testing.T) {
	inside, goOn := make(chan *aio.Future[aio.None], 1), make(chan *aio.Loop, 1)
	addr, stop := serving(t, &Server{Handler: func(t *aio.Task, request http1.Request) []byte {
		if request.Asks {
			wait := aio.NewFuture[aio.None](t)
			goOn <- t.Loop()
			inside <- wait
			aio.Await(t, wait)
			return request.Answer([]byte("after all\n"))
		}
		return request.Reply()
	}})
	idle, busy := dial(t, addr), dial(t, addr)
	io.WriteString(idle, root)
	if got, want := idle.body(), "hello\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	io.WriteString(busy, "GET /ask?x HTTP/1.1\r\nHost: x\r\n\r\n"+root)
	wait, loop := <-inside, <-goOn
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		stop()
	}()
	idle.wantEnd(t) // so the server is stopping
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("a new client came in")
	}
	select {
	case <-stopped:
		t.Error("Serve returned with a request in flight")
	default:
	}
	loop.CallSoonThreadsafe(func() { wait.SetResult(aio.None{}) })
	if got, want := busy.body(), "after all\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	busy.wantEnd(t) // the request behind it was not begun
	busy.Close()
	<-stopped
}

// TestStopLosesNothing: a reply that the kernel has not taken yet is still owed.
func TestStopLosesNothing(t *testing.T) {
	loops := make(chan *aio.Loop, 1)
	s := &Server{Handler: func(t *aio.Task, request http1.Request) []byte {
		loops <- t.Loop()
		return request.Answer(make([]byte, 32<<10))
	}}
	addr, stop := serving(t, s)
	c := dial(t, addr)
	asked := 0
	for held := 0; held == 0; asked++ { // and nothing is read
		io.WriteString(c, root)
		loop, holds := <-loops, make(chan int)
		loop.CallSoonThreadsafe(func() {
			for conn := range s.waiting {
				holds <- conn.Buffered()
			}
		})
		held = <-holds
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		stop()
	}()
	for !refused(addr) { // so it is stopping
	}
	for n := range asked {
		if body := c.body(); len(body) != 32<<10 {
			t.Fatalf("reply %d of %d: %.40q", n+1, asked, body)
		}
	}
	c.wantEnd(t)
	c.Close()
	<-stopped
}

// refused tells that the address takes no connections any more.
func refused(addr string) bool {
	conn, err := net.Dial("tcp", addr)
	if err == nil {
		conn.Close()
	}
	return err != nil
}
