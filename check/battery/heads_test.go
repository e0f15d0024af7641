//go:build linux || darwin

package battery

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"era/catalogue"
)

// someHeads are heads and the status of the reply to the first of them. If it is a refusal, nothing that follows is
// answered, and the connection ends. kit/http1 has a longer table, and tests the three languages with it; this test
// shows that a server has no other way in.
var someHeads = []struct {
	send string
	want int
}{
	{"GET / HTTP/1.1\r\n\r\n", 400}, // RFC 9112, section 3.2
	{"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost:\r\n\r\n", 200},
	{"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200},
	{"GET / HTTP/1.0\r\n\r\n", 200},
	{"GET http://x HTTP/1.1\r\nHost: y\r\n\r\n", 200}, // section 3.2.2
	{"GET http://x?a=b HTTP/1.1\r\nHost: y\r\n\r\n", 200},
	{"GET HTTP://x/ HTTP/1.1\r\nHost: y\r\n\r\n", 200},
	{"GET http://x/ HTTP/1.1\r\n\r\n", 400},
	{"GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
	{"GET http://u@x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
	{"GET http://x:y/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
	{"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400}, // section 3.2.4
	{"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404},
	{"GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 421}, // RFC 9110, section 7.4
	{"GET HTTPS://x HTTP/1.1\r\nHost: x\r\n\r\n", 421},
	{"GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 421},
	{"GET https://x/ HTTP/1.0\r\n\r\n", 421},
	{"GET https://x/ HTTP/1.1\r\n\r\n", 400},
	{"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", 501}, // section 9.3.6
	{"CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n", 501},
	{"CONNECT http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 501},
	{"CONNECT x:443 HTTP/1.1\r\n\r\n", 400},
	{"GET / HTTP/1.2\r\nHost: x\r\n\r\n", 200}, // RFC 9110, section 6.2
	{"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
	{"GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505},
	{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
	{"GET / HTTP/1.1\nHost: x\n\n", 400},
	{"GET / HTTP/1.1\n", 400}, // at once, and not when the client's patience ends
	{"GET / HTTP/1.1\r\nHost: x\n", 400},
	{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 501},
	{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
	{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400}, // RFC 9112, section 6.3
	{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 501},
	// Unread bytes cause no reset.
	{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("x", 1_000_000), 501},
	{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
}

// testHeads sends each head with another request after it. strange are heads that the server answers in its own way.
func testHeads(t *testing.T, s *server, strange map[string]int) {
	for _, x := range someHeads {
		want := x.want
		if status, is := strange[x.send]; is {
			want = status
		}
		statuses, err := ask(t, s, x.send+get("/nowhere", "Connection: close"))
		refused := want != 200 && want != 404
		switch {
		case err != nil:
			t.Errorf("%.100q: %v, and then %v", x.send, statuses, err)
		case len(statuses) == 0 || statuses[0] != want, refused && len(statuses) > 1, len(statuses) > 2:
			t.Errorf("%.100q: %v, want %d", x.send, statuses, want)
		}
	}
	for send, want := range map[string]string{"HEAD / HTTP/1.1\r\n\r\n": "HTTP/1.1 400 ",
		"HEAD / HTTP/2.0\r\n\r\n": "HTTP/1.1 505 "} {
		c := dial(t, s)
		c.send(send)
		if got, err := io.ReadAll(c); err != nil || !strings.HasPrefix(string(got), want) ||
			!strings.HasSuffix(string(got), "\r\n\r\n") {
			t.Errorf("%q: %q, %v: want %q, and no body (RFC 9110, section 9.3.2)", send, got, err, want)
		}
		c.Close()
	}
	if statuses, err := ask(t, s, get("/", "Connection: close")); len(statuses) != 1 || statuses[0] != 200 {
		t.Errorf("after all of them: %v, %v", statuses, err)
	}
	s.checkWell(t)
}

// ask sends bytes and reads replies until the server ends the connection. It returns an error for any other end, such
// as a reset.
func ask(t *testing.T, s *server, send string) (statuses []int, err error) {
	c := dial(t, s)
	defer c.Close()
	go io.WriteString(c, send) // if it fails, the reading fails as well
	for replies := bufio.NewReader(c); ; {
		if _, err := replies.Peek(1); err == io.EOF {
			return statuses, nil
		}
		reply, err := http.ReadResponse(replies, nil)
		if err != nil {
			return statuses, err
		}
		statuses = append(statuses, reply.StatusCode)
		if _, err := io.Copy(io.Discard, reply.Body); err != nil {
			return statuses, err
		}
	}
}

// TestHeads: all our servers read heads in the same way, including the special requests of other programs.
func TestHeads(t *testing.T) {
	each(t, func(t *testing.T, v catalogue.Variant) {
		testHeads(t, start(t, v, "127.0.0.1:1", manyFiles), nil)
	})
	t.Run("wsgiref/python", func(t *testing.T) {
		t.Parallel()
		v, err := catalogue.Find("wsgiref/python")
		if err != nil {
			t.Fatal(err)
		}
		testHeads(t, start(t, v, "127.0.0.1:1", manyFiles), nil)
	})
}
