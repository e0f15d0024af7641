//go:build linux || darwin

package battery

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"era/catalogue"
)

// waited is the backend's line, padded with dots to size bytes.
func waited(delay, size int) string {
	line := fmt.Sprintf("waited %d ms", delay)
	if dots := size - len(line) - 1; dots > 0 {
		line += strings.Repeat(".", dots)
	}
	return line + "\n"
}

// TestRepliesOfHTTPBackends: the servers that ask their backend over HTTP understand every valid reply, and answer 502
// to the rest.
func TestRepliesOfHTTPBackends(t *testing.T) {
	good := reply("200 OK", "hello\n")
	closing := "HTTP/1.1 200 OK\r\nConnection: close\r\n"
	plain := closing + "Content-Length: 6\r\n\r\nhello\n"
	replies := []struct {
		says, want string
		// Want, where it differs: our Python asks in HTTP/1.0, to which a chunked reply is not allowed.
		python string
	}{
		{says: plain, want: good},
		{says: "HTTP/1.0 200 OK\r\ncontent-length:6 \r\n\r\nhello\n", want: good},
		{says: closing + "X: a\r\n Content-Length: 9\r\nContent-Length:\r\n\t6\r\n\r\nhello\n", want: good},
		{says: closing + "\r\nhello\n", want: good},
		{says: "HTTP/1.0 200\r\n\r\nhello\n", want: good},
		{says: closing + "Content-Length: " + strings.Repeat("0", 5000) + "6\r\n\r\nhello\n", want: good},
		{says: closing + "Content-Length: 6\r\n\r\nhello\nand more", want: good},
		{says: closing + "Content-Length: 7\r\n\r\nhello\n", want: badGateway},
		{says: closing + "X: " + strings.Repeat("x", 200_000), want: badGateway},
		{says: "+PONG\r\n\r\n", want: badGateway},

		// Invalid lengths (RFC 9112, 6.3).
		{says: closing + "Content-Length: +6\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Content-Length: -6\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Content-Length: 0x6\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Content-Length:\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Content-Length: 99999999999999999999\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Content-Length: " + strings.Repeat("9", 5000) + "\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Content-Length: 6\r\n 6\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Content-Length: 6, 6\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Content-Length: 6\r\nContent-Length: 5\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Content-Length: 6\r\nContent-Length: 6\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\n\r\n0\r\n\r\n", want: badGateway},
		{says: closing + "Transfer-Encoding: gzip\r\n\r\nhello\n", want: badGateway},
		{says: closing + "Transfer-Encoding: 6\r\n\r\nhello\n", want: badGateway},
		{says: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\n\r\n0\r\n\r\n", want: badGateway},
		{says: closing + "Transfer-Encoding: chunked\r\n\r\n6\r\nhello\n\r\n0\r\n\r\n", want: good, python: badGateway},

		// Lines that two readers could understand in two ways (RFC 9112, 2.2, 4 and 5).
		{says: closing + "Content-Length : 6\r\n\r\nhello\n", want: badGateway},
		{says: "HTTP/1.0 200 OK\r\n X: a\r\nContent-Length: 6\r\n\r\nhello\n", want: badGateway},
		{says: closing + "no colon\r\nContent-Length: 6\r\n\r\nhello\n", want: badGateway},
		{says: closing + "X: a\nContent-Length: 6\r\n\r\nhello\n", want: badGateway},
		{says: "HTTP/1.0 200 OK\nX: a\r\nContent-Length: 6\r\n\r\nhello\n", want: badGateway},
		{says: "HTTP/1.0 2000 OK\r\nContent-Length: 6\r\n\r\nhello\n", want: badGateway},

		// Interim replies, and replies with other codes than 200 (RFC 9110, 15).
		{says: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n\r\n" + plain, want: good},
		{says: "HTTP/1.1 103 Early Hints\r\nno colon\r\n\r\n" + plain, want: badGateway},
		{says: "HTTP/1.1 101 Switching Protocols\r\n\r\n" + plain, want: badGateway},
		{says: "HTTP/1.0 201 Created\r\nContent-Length: 6\r\n\r\nhello\n", want: good},
		{says: "HTTP/1.0 204 No Content\r\nContent-Length: 6\r\n\r\n", want: reply("200 OK", "")},
		{says: "HTTP/1.0 302 Found\r\nContent-Length: 6\r\n\r\nhello\n", want: badGateway},
		{says: "HTTP/1.0 503 Service Unavailable\r\nContent-Length: 6\r\n\r\nhello\n", want: badGateway},
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
					io.WriteString(conn, replies[n%len(replies)].says) // fails when the server has read enough
					conn.Close()
				}
			}()
			v, err := catalogue.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, v, listener.Addr().String(), manyFiles)
			for _, x := range replies {
				want := x.want
				if name == "httpclient/python" && x.python != "" {
					want = x.python
				}
				c := dial(t, s)
				c.send(get("/ask"))
				if err := c.receive(want); err != nil {
					t.Errorf("the backend says %s: %v", short(x.says), err)
				}
				c.Close()
			}
			s.checkWell(t)
		})
	}
}
