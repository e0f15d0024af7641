//go:build linux || darwin

package battery

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"era/runnable"
	asked "era/runnable/kit/backend"
)

// backend listens and answers as the book's backend does, and can be asked to be difficult: hangup=1 closes without
// a word, drip=1 answers byte by byte.
func backend(t *testing.T) (addr string) {
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
			go answer(conn)
		}
	}()
	return listener.Addr().String()
}

func answer(conn net.Conn) {
	defer conn.Close()
	questions := asked.NewAsked(conn, 16<<10)
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
			time.Sleep(time.Duration(delay) * time.Millisecond) // the delay that was asked for is the job
			text, drip = question.Answer([]byte(waited(delay, size))), query.Has("drip")
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

// waited is the backend's line, padded with dots to size bytes.
func waited(delay, size int) string {
	line := fmt.Sprintf("waited %d ms", delay)
	if dots := size - len(line) - 1; dots > 0 {
		line += strings.Repeat(".", dots)
	}
	return line + "\n"
}

// TestRepliesOfHTTPBackends: the servers that ask their backend over HTTP understand what such a backend may say, and answer
// 502 to the rest.
func TestRepliesOfHTTPBackends(t *testing.T) {
	good := reply("200 OK", "hello\n")
	replies := []struct{ says, want string }{
		{"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n", good},
		{"HTTP/1.0 200 OK\r\ncontent-length:6 \r\n\r\nhello\n", good},
		{"HTTP/1.1 200 OK\r\nX: a\r\n Content-Length: 9\r\nContent-Length:\r\n\t6\r\nConnection: close\r\n\r\nhello\n", good},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello\n", good},
		{"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhello\n", badGateway},
		{"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n", badGateway},
		{"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 200_000), badGateway},
		{"+PONG\r\n\r\n", badGateway},
	}
	for _, name := range []string{"httpclient", "httpclient/python"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				for n := 0; ; n++ {
					conn, err := listener.Accept()
					if err != nil {
						return // closed: the test is over
					}
					head := bufio.NewReader(conn)
					for line, err := head.ReadString('\n'); err == nil && line != "\r\n"; line, err = head.ReadString('\n') {
					}
					io.WriteString(conn, replies[n%len(replies)].says) // fails when the server has heard enough
					conn.Close()
				}
			}()
			v, err := runnable.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, v, listener.Addr().String(), manyFiles)
			c := dial(t, s)
			for _, x := range replies {
				c.send(get("/ask"))
				c.want(x.want)
			}
			c.Close()
			s.checkWell(t)
		})
	}
}
