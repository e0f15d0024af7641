//go:build linux || darwin

package wsgi

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// replies are what the applications must bring about, by clause (PEP 3333). wsgiref is Python's where it says something
// else.
var replies = []struct{ clause, what, send, want, wsgiref string }{
	{"C5.1", "called for each request, with an environ of its own", get("/own"), "200 OK: fresh", ""},
	{"C5.1", "and again", get("/own"), "200 OK: fresh", ""},
	{"C5.2", "bytes are bytes", get("/bytes/%E9%C3%A9"), "200 OK: \xe9\xc3\xa9", ""},
	{"C5.3", "any status, any headers", get("/head"), "299 Fine by me: ok", ""},
	{"C5.3", "a malformed status", get("/bad-status"), "500 Internal Server Error: Internal Server Error\n", "500 Internal Server Error: " + itsError},
	{"C5.3", "a line end in a header", get("/bad-header"), "500 Internal Server Error: Internal Server Error\n", "500 Internal Server Error: " + itsError},
	{"C5.3", "write", get("/write"), "200 OK: written, then yielded", ""},
	// wsgiref sends the head with the first chunk, though that is empty, and then cannot say that it breaks off.
	{"C5.4", "the head waits for a chunk that is not empty", get("/changes-its-mind"), "503 Sorry: sorry", "200 OK: "},
	{"C5.5", "a second start without an error", get("/starts-twice"), "500 Internal Server Error: Internal Server Error\n", "500 Internal Server Error: " + itsError},
	// HTTP/1.0 has no chunks: the end of the connection is the body's, and a client cannot see that something is missing.
	{"C5.5", "an error when the head is out", get("/too-late"), "200 OK: part [broken off]", "200 OK: part"},
	{"C5.5", "a failure before a chunk", get("/fails-early"), "500 Internal Server Error: Internal Server Error\n", "500 Internal Server Error: " + itsError},
	{"C5.5", "a failure after a chunk", get("/fails-late"), "200 OK: part [broken off]", "200 OK: part"},
	{"C5.6", "start_response in the first iteration", get("/starts-inside"), "200 OK: ok", ""},
	{"C5.6", "no start_response at all", get("/never-starts"), "500 Internal Server Error: Internal Server Error\n", "500 Internal Server Error: " + itsError},
	{"C5.10", "more than Content-Length", get("/long"), "200 OK: hello w", ""},
	{"C5.10", "less than Content-Length", get("/short"), "200 OK: hello [broken off]", ""},
	{"C5.10", "no Content-Length", get("/two"), "200 OK: one, two", ""},
	{"C5.10", "no body", get("/nothing"), "200 OK: ", ""},
	{"C5.10", "no content", get("/no-content"), "204 No Content: ", ""},
	{"C5.10", "a header of the connection", get("/hop"), "500 Internal Server Error: Internal Server Error\n", "500 Internal Server Error: " + itsError},
	{"C5.11", "the input ends at Content-Length", "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello and more", "200 OK: hello, <nil>", ""},
	{"C5.11", "no body is an end at once", get("/echo"), "200 OK: , <nil>", ""},
	{"C5.11", "a line", "POST /line HTTP/1.1\r\nHost: test\r\nContent-Length: 6\r\n\r\none\ntw", `200 OK: "one\n", <nil>`, ""},
	// PEP 3333 does not say what a body in chunks is. wsgiref takes no notice of it.
	{"C5.11", "a body in chunks", "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "200 OK: hello, <nil>", "200 OK: , <nil>"},
	{"C5.11", "chunks that are none", "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", "200 OK: , http1: malformed chunk in a body", "200 OK: , <nil>"},
}

// itsError is how wsgiref words its own.
const itsError = "A server error occurred.  Please contact the administrator."

func TestReplies(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		for _, x := range replies {
			t.Run(x.clause+" "+x.what, func(t *testing.T) {
				if _, said := request(t, addr, x.send); said != x.want {
					t.Errorf("got %q, want %q", said, x.want)
				}
			})
		}
	})
}

func TestC5_3HeadersAsTheyWere(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		r, _ := request(t, addr, get("/head"))
		if got := fmt.Sprint(r.Header["X-One"], r.Header["X-Two"]); got != "[1 3] [2]" {
			t.Error(got)
		}
	})
}

func TestC5_7ClosedHoweverItEnds(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		count := func() int {
			n, err := strconv.Atoi(body(t, addr, "/closed"))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := count()
		request(t, addr, get("/ends"))
		if n := count(); n != before+1 {
			t.Errorf("normal end: closed %d times", n-before)
		}
		request(t, addr, get("/fails-late"))
		if n := count(); n != before+2 {
			t.Errorf("error: closed %d times", n-before-1)
		}
		c := dial(t, addr)
		c.send(get("/endless"))
		if _, err := c.Peek(1); err != nil { // it is under way
			t.Fatal(err)
		}
		c.Close()
		await(t, func() string {
			if n := count(); n != before+3 {
				return fmt.Sprintf("the client left: closed %d times", n-before-2)
			}
			return ""
		})
		if n := body(t, addr, "/asked"); n == strconv.Itoa(most) {
			t.Error("and was asked for all that it had")
		}
	})
}

// TestC5_10TwoLengths: a client could believe either. (wsgiref sends both.)
func TestC5_10TwoLengths(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		if _, said := request(t, addr, get("/two-lengths")); said != "500 Internal Server Error: Internal Server Error\n" {
			t.Error(said)
		}
	})
}

func TestC5_10Framing(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		for _, x := range []struct {
			send    string
			length  int64
			chunked bool
			close   bool
		}{
			{get("/hello"), 6, false, false},
			{get("/two"), -1, true, false},
			{get("/nothing"), 0, false, false},
			{"GET /two HTTP/1.0\r\n\r\n", -1, false, true},
			{"GET /hello HTTP/1.0\r\n\r\n", 6, false, true},
			{get("/hello", "Connection: close"), 6, false, true},
			{"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 6, false, true}, // nobody read it
			{get("/fails-early"), 22, false, true},
		} {
			r, _ := request(t, addr, x.send)
			chunked := len(r.TransferEncoding) > 0
			closes := x.close || strings.Contains(t.Name(), "workers")
			if r.ContentLength != x.length || chunked != x.chunked || r.Close != closes {
				t.Errorf("%.30q: length %d, chunks %v, close %v, want %+v", x.send, r.ContentLength, chunked, r.Close, x)
			}
		}
		c := dial(t, addr)
		c.send("HEAD /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		if all, err := io.ReadAll(c); err != nil || !strings.HasSuffix(string(all), "\r\n\r\n") {
			t.Errorf("a reply to HEAD has a body: %q, %v", all, err)
		}
	})
}

func TestC5_11Continue(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		const expect = " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
		c := dial(t, addr)
		c.send("POST /echo" + expect)
		if r, _ := c.reply(); r.StatusCode != http.StatusContinue {
			t.Fatalf("%v before the body was sent", r.Status)
		}
		c.send("hello")
		if _, said := c.reply(); said != "200 OK: hello, <nil>" {
			t.Error(said)
		}
		c.Close()
		// Who does not read the body does not have it sent.
		if r, said := request(t, addr, "POST /hello"+expect); said != "200 OK: hello\n" || !r.Close {
			t.Error(said, r.Close)
		}
		// Who sends it at once is not told to.
		if _, said := request(t, addr, "POST /echo"+expect+"hello"); said != "200 OK: hello, <nil>" {
			t.Error(said)
		}
		// When the reply has begun it is too late to tell: it would stand in the middle of it.
		c = dial(t, addr)
		c.send("POST /gate" + expect)
		if _, err := c.Peek(1); err != nil {
			t.Fatal(err)
		}
		c.send("hello")
		if _, said := c.reply(); said != "200 OK: first then hello, <nil>" {
			t.Error(said)
		}
	})
}

func TestC5_11Flags(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		want := "threads true, processes false, once false, version [1 0]"
		if strings.Contains(t.Name(), "workers") {
			want = "threads false, processes true, once false, version [1 0]"
		}
		if got := body(t, addr, "/flags"); got != want {
			t.Error(got)
		}
	})
}

func TestC5_11ClientLeavesInTheMiddle(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		c := dial(t, addr)
		c.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhello")
		c.Conn.(interface{ CloseWrite() error }).CloseWrite()
		if _, said := c.reply(); said != "200 OK: hello, unexpected EOF" {
			t.Error(said)
		}
	})
}

func TestC5_12Environ(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		_, said := request(t, addr, "POST /environ?a=%20&b HTTP/1.1\r\nHost: me:1\r\nContent-Type: text/x\r\nContent-Length: 2\r\n"+
			"X-Twice: 1\r\nx-twice: 2\r\nCookie: a=1\r\nCookie: b=2\r\nX_Under: no\r\nProxy: evil\r\n\r\nhi")
		want := `200 OK: CONTENT_LENGTH=2
CONTENT_TYPE=text/x
HTTP_COOKIE=a=1; b=2
HTTP_HOST=me:1
HTTP_X_TWICE=1, 2
PATH_INFO=/environ
QUERY_STRING=a=%20&b
REMOTE_ADDR=127.0.0.1
REQUEST_METHOD=POST
SCRIPT_NAME=
SERVER_NAME=127.0.0.1
SERVER_PROTOCOL=HTTP/1.1
wsgi.url_scheme=http`
		if said != want {
			t.Errorf("got\n%s\nwant\n%s", said, want)
		}
	})
}
