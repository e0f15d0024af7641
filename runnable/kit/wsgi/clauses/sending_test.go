//go:build linux || darwin

package clauses

import (
	"io"
	"strconv"
	"testing"
	"time"

	"era/internal/hang"
	"era/runnable/kit/wsgi"
)

// TestC5_8SentBeforeTheNext: the application waits for a byte that the client sends after receiving the first chunk.
func TestC5_8SentBeforeTheNext(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		c := dial(t, addr)
		c.send("POST /gate HTTP/1.0\r\nContent-Length: 2\r\n\r\n") // 1.0: the reply is not in chunks
		for {
			line, err := c.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if line == "\r\n" {
				break
			}
		}
		first := make([]byte, len("first "))
		if _, err := io.ReadFull(c, first); err != nil || string(first) != "first " {
			t.Fatalf("%q, %v", first, err)
		}
		c.send("go")
		if rest, err := io.ReadAll(c); err != nil || string(rest) != "then go, <nil>" {
			t.Errorf("%q, %v", rest, err)
		}
	})
}

// TestC5_8NotAskedForMore: for a client that does not read, no more chunks are made. The server has a timeout, and
// until then it would have had time to take all chunks.
func TestC5_8NotAskedForMore(t *testing.T) {
	t.Setenv("TEST_TIMEOUT", "2s") // of a worker, which waits half of that for a client
	for name, model := range map[string]wsgi.Server{
		"threads": &wsgi.Threads{App: all, N: 2, Body: 1, Errors: io.Discard},
		"workers": &wsgi.Workers{App: all, N: 1, Timeout: 2 * time.Second, Errors: io.Discard},
	} {
		t.Run(name, func(t *testing.T) {
			addr, _ := serve(t, model)
			before, pid := body(t, addr, "/closed"), body(t, addr, "/pid")
			c := dial(t, addr)
			c.send(get("/endless"))
			hang.Await(t, "the server to give up", func() string {
				if body(t, addr, "/closed") == before { // the only worker answers after it has given up
					return "the server still waits"
				}
				return ""
			})
			n, err := strconv.Atoi(body(t, addr, "/asked"))
			if err != nil || n == 0 || n >= most {
				t.Errorf("%d chunks of 64 KiB were made for a client that does not read: %v", n, err)
			}
			if body(t, addr, "/pid") != pid {
				t.Error("another worker answers: the first worker's count is unknown")
			}
		})
	}
}
