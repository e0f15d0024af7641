//go:build linux || darwin

package battery

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"era/catalogue"
	"era/check/servertest"
)

// TestGateways: what the applications behind the gateway interfaces do besides the main job. wsgiref words its replies
// in its own way, so it is not in the battery, and shows here that it does the job.
func TestGateways(t *testing.T) {
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Repeat("x", 100_000))))
	for _, name := range []string{"wsgi", "wsgi-workers", "wsgiref/python"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := catalogue.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, v, servertest.Backend(t), manyFiles)
			answers := func(status int, body, send string) {
				t.Helper()
				c := dial(t, s)
				defer c.Close()
				c.send(send)
				response, err := http.ReadResponse(bufio.NewReader(c), nil)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(response.Body); response.StatusCode != status || string(got) != body || err != nil {
					t.Errorf("%.60q: %s, %q, %v", send, response.Status, got, err)
				}
			}
			answers(200, "hello\n", get("/"))
			answers(200, waited(5, 0), get("/ask?delay=5"))
			answers(502, "Bad Gateway\n", get("/ask?hangup=1"))
			answers(404, "Not Found\n", get("/nowhere"))
			answers(200, "line 1 of 3\nline 2 of 3\nline 3 of 3\n", get("/stream?n=3&ms=1"))
			answers(200, "100000 bytes, sha256 "+sum+"\n",
				"POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("x", 100_000))
			zeros, digits := strings.Repeat("0", 5000), strings.Repeat("9", 5000) // more than Python's int takes
			answers(200, "3 bytes, sha256 "+fmt.Sprintf("%x", sha256.Sum256([]byte("abc")))+"\n",
				"POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: "+zeros+"3\r\n\r\nabc")
			answers(200, "hello\n", get("/", "Content-Length: "+zeros))
			answers(501, "Not Implemented\n", get("/", "Content-Length: "+zeros+"3")+"abc")
			answers(400, "Bad Request\n", get("/burn?ms="+digits))
			answers(200, "burned 1 ms\n", get("/burn?ms="+zeros+"1"))
			answers(400, "Bad Request\n", get("/burn?ms=2001"))
			answers(200, "line 1 of 1\n", get("/stream?n=1&ms="+digits))
			answers(431, "Request Header Fields Too Large\n",
				get("/", "A: "+strings.Repeat("a", 4000), "B: "+strings.Repeat("b", 8192))[:8192])
			if name != "wsgiref/python" { // which knows no chunks
				answers(200, "100000 bytes, sha256 "+sum+"\n",
					"POST /upload HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"+
						strings.Repeat("3e8\r\n"+strings.Repeat("x", 1000)+"\r\n", 100)+"0\r\n\r\n")
			}
		})
	}
}

// TestQueryIsBytes: bytes beyond ASCII in a query reach the backend unchanged. This backend answers with the question.
func TestQueryIsBytes(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed: the test is over
			}
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
	for name, path := range map[string]string{"wsgi": "/ask", "wsgiref/python": "/ask", "half-for-whole": "/rows",
		"half-for-whole/python": "/rows"} {
		v, err := catalogue.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		c := dial(t, start(t, v, listener.Addr().String(), manyFiles))
		c.send(get(path+"?caf\xe9=\xc3\xa9", "Connection: close"))
		if got, err := io.ReadAll(c); err != nil || !strings.Contains(string(got), "\r\ncaf\xe9=\xc3\xa9\n") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		c.Close()
	}
}
