//go:build linux || darwin

package servertest

import (
	"bytes"
	"net"
	"net/url"
	"strconv"
	"testing"
	"time"

	"era/runnable/kit/backend"
)

// Listen serves every connection in a goroutine of its own until the test ends, and then closes it.
func Listen(t testing.TB, serve func(net.Conn)) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed: the test is over
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// Backend answers as the book's backend does, and can be asked to be difficult: hangup=1 closes without a word, drip=1
// answers byte by byte.
func Backend(t testing.TB) (addr string) {
	t.Helper()
	return Listen(t, Answer)
}

// Answer answers the questions of one connection.
func Answer(conn net.Conn) {
	questions := backend.NewAsked(conn, 16<<10)
	for {
		question, err := questions.Next()
		if err != nil {
			return // the server gave up
		}
		text, drip := question.Reply, false
		if text == nil {
			query, err := url.ParseQuery(question.Query)
			if err != nil || query.Has("hangup") {
				return
			}
			delay, _ := strconv.Atoi(query.Get("delay")) // 0 when not given
			size, _ := strconv.Atoi(query.Get("size"))
			took := time.Duration(delay) * time.Millisecond
			time.Sleep(took) // the delay that was asked for is the job
			var b bytes.Buffer
			if err := question.Answer(&b, took, size); err != nil {
				return
			}
			text, drip = b.Bytes(), query.Has("drip")
		}
		for drip && len(text) > 1 {
			if _, err := conn.Write(text[:1]); err != nil {
				return
			}
			text = text[1:]
		}
		if _, err := conn.Write(text); err != nil || question.Last {
			return // a server that has left does not want it
		}
	}
}
