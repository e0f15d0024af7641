package traffic

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"era/lab/scenario"
)

// serve answers every connection with the given function.
func serve(t *testing.T, answer func(net.Conn)) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer c.Close()
				answer(c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		conns.Wait()
	})
	return l.Addr().String()
}

// play plays one client and returns its events: "sent 1", "failed 1: gave up waiting".
func play(t *testing.T, addr string, giveUp time.Duration, steps ...scenario.Step) []string {
	t.Helper()
	script := scenario.Script{Clients: []scenario.Client{{Name: "one", Group: "one", GiveUp: giveUp, Steps: steps}},
		Length: giveUp}
	var told []string
	Play(t.Context(), time.Now(), script, addr, func(e Event) {
		text := string(e.What)
		if e.Request > 0 {
			text += fmt.Sprint(" ", e.Request)
		}
		if e.Why != "" {
			text += ": " + e.Why
		}
		told = append(told, text)
	})
	return told
}

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func send(text string) scenario.Step { return scenario.Step{Do: scenario.Send, Bytes: []byte(text)} }

func pause(d time.Duration) scenario.Step { return scenario.Step{Do: scenario.Pause, For: d} }

var receive = scenario.Step{Do: scenario.Receive, N: 1}

// hello answers every request head with the given bytes.
func hello(reply string) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == "\r\n" {
					break
				}
			}
			if _, err := io.WriteString(c, reply); err != nil {
				return
			}
		}
	}
}

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

const good = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"

func TestAnswered(t *testing.T) {
	addr := serve(t, hello(good))
	check(t, play(t, addr, time.Minute, send(request[:5]), pause(time.Millisecond), send(request[5:]+request), receive,
		receive),
		"connecting", "connected", "begun 1", "sent 1", "sent 2", "answered 1", "answered 2", "closed: closed by the client")
}

func TestHolding(t *testing.T) {
	addr := serve(t, hello(good))
	check(t, play(t, addr, time.Minute, send(request), pause(time.Millisecond), receive),
		"connecting", "connected", "sent 1", "holding 1", "resumed 1", "answered 1", "closed: closed by the client")
}

func TestGivesUp(t *testing.T) {
	addr := serve(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	check(t, play(t, addr, 30*time.Millisecond, send(request), receive),
		"connecting", "connected", "sent 1", "failed 1: gave up waiting", "closed: gave up waiting")
}

func TestRepliesAreReadStrictly(t *testing.T) {
	for reply, why := range map[string]string{
		"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n":                      `not a status line: "HTTP/1.0 200 OK"`,
		"HTTP/1.1 200 OK\r\n\r\n":                                           "a reply that does not say where it ends",
		"HTTP/1.1 200 OK\nContent-Length: 0\n\n":                            `a line that does not end in CR LF: "HTTP/1.1 200 OK\n"`,
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n": `bad Content-Length: "Content-Length: 0"`,
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n":                     `bad Content-Length: "Content-Length: -1"`,
		"HTTP/1.1 200 OK\r\nhello\r\n\r\n":                                  `not a header line: "hello"`,
	} {
		addr := serve(t, hello(reply))
		check(t, play(t, addr, time.Minute, send(request), receive),
			"connecting", "connected", "sent 1", "failed 1: "+why, "closed: "+why)
	}
	wants := scenario.Step{Do: scenario.Receive, N: 1, Want: "waited "}
	addr := serve(t, hello(good))
	check(t, play(t, addr, time.Minute, send(request), wants),
		"connecting", "connected", "sent 1", `failed 1: another body: "hello\n"`, "closed: closed by the client")
	addr = serve(t, hello("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"))
	check(t, play(t, addr, time.Minute, send(request), receive),
		"connecting", "connected", "sent 1", "failed 1: status 502", "closed: closed by the client")
}

func TestServerLeaves(t *testing.T) {
	addr := serve(t, func(c net.Conn) {
		if _, err := bufio.NewReader(c).ReadString('T'); err == nil {
			io.WriteString(c, good[:20])
		}
	})
	check(t, play(t, addr, time.Minute, send(request[:3]), receive),
		"connecting", "connected", "begun 1", "failed 1: closed by the server before the reply was complete",
		"closed: closed by the server before the reply was complete")
	addr = serve(t, func(net.Conn) {})
	check(t, play(t, addr, time.Minute, pause(time.Second)),
		"connecting", "connected", "broken: closed by the server", "closed: closed by the server")
}

func TestNoListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	check(t, play(t, l.Addr().String(), time.Minute, send(request), receive),
		"connecting", "failed 1: connection refused", "closed: connection refused")
}

func TestReset(t *testing.T) {
	ended := make(chan error, 1)
	addr := serve(t, func(c net.Conn) {
		_, err := io.ReadAll(c)
		ended <- err
	})
	check(t, play(t, addr, time.Minute, send(request[:9]), scenario.Step{Do: scenario.Reset}),
		"connecting", "connected", "begun 1", "failed 1: reset by the client", "closed: reset by the client")
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "reset") {
		t.Errorf("the server read %v", err)
	}
}

func TestEndOfContextEndsThePlay(t *testing.T) {
	addr := serve(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	e, err := scenario.New("one-slow", nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	failed := 0
	Play(ctx, time.Now(), e.Script(), addr, func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.What == Begun {
			cancel()
		}
		if e.What == Failed && e.Why != GaveUp {
			failed++
		}
	})
	if failed > 0 {
		t.Errorf("%d requests failed for another reason", failed)
	}
}
