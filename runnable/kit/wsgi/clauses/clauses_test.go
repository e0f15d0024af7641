//go:build linux || darwin

package clauses

import (
	"strings"
	"testing"

	"era/runnable/kit/internal/ledger"
)

// exchanges are a request and its wanted reply, by clause (PEP 3333).
var exchanges = []struct{ clause, what, send, want string }{
	{"C5.1", "called for each request, with an environ of its own", get("/own"), "200 OK: fresh"},
	{"C5.1", "and again", get("/own"), "200 OK: fresh"},
	{"C5.2", "bytes are bytes", get("/bytes/%E9%C3%A9"), "200 OK: \xe9\xc3\xa9"},
	{"C5.3", "any status", get("/head"), "299 Fine by me: ok"},
	{"C5.3", "a malformed status", get("/bad-status"), failed},
	{"C5.3", "a line end in a header", get("/bad-header"), failed},
	{"C5.3", "write", get("/write"), "200 OK: written, then yielded"},
	{"C5.4", "the head waits for a chunk that is not empty", get("/changes-its-mind"), "503 Sorry: sorry"},
	{"C5.4", "also behind a middleware", get("/shout/changes-its-mind"), "503 Sorry: SORRY"},
	{"C5.5", "a second start without an error", get("/starts-twice"), failed},
	{"C5.5", "an error when the head is out", get("/too-late"), "200 OK: part [broken off]"},
	{"C5.5", "a failure before a chunk", get("/fails-early"), failed},
	{"C5.5", "a failure after a chunk", get("/fails-late"), "200 OK: part [broken off]"},
	{"C5.6", "start_response in the first iteration", get("/starts-inside"), "200 OK: ok"},
	{"C5.6", "no start_response at all", get("/never-starts"), failed},
	{"C5.10", "more than Content-Length", get("/long"), "200 OK: hello w"},
	{"C5.10", "less than Content-Length", get("/short"), "200 OK: hello [broken off]"},
	{"C5.10", "no Content-Length", get("/two"), "200 OK: one, two"},
	{"C5.10", "no body", get("/nothing"), "200 OK: "},
	{"C5.10", "no content", get("/no-content"), "204 No Content: "},
	{"C5.10", "a header of the connection", get("/hop"), failed},
	{"C5.11", "the input ends at Content-Length", post("/echo", "Content-Length: 5") + "hello and more",
		"200 OK: hello, <nil>"},
	{"C5.11", "and reading further returns no more", post("/past", "Content-Length: 5") + "hello and more",
		"200 OK: hello, <nil>"},
	{"C5.11", "no body is an end at once", get("/echo"), "200 OK: , <nil>"},
	{"C5.11", "a line", post("/line", "Content-Length: 6") + "one\ntw", `200 OK: "one\n", <nil>`},
	// PEP 3333 wants chunks decoded where they are supported. It does not say how an application learns of such a body.
	{"C5.11", "a body in chunks", post("/echo", "Transfer-Encoding: chunked") + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
		"200 OK: hello, <nil>"},
	{"C5.11", "chunks that are none", post("/echo", "Transfer-Encoding: chunked") + "hello\r\n", "200 OK: , error"},
	{"C5.12", "required, and as they were sent", "POST /environ?a=%20&b HTTP/1.1\r\nHost: me:1\r\nContent-Type: text/x\r\nContent-Length: 2\r\nX-One: 1\r\nConnection: close\r\n\r\nhi",
		"200 OK: CONTENT_LENGTH=2, CONTENT_TYPE=text/x, HTTP_CONNECTION=close, HTTP_HOST=me:1, HTTP_X_ONE=1, PATH_INFO=/environ, QUERY_STRING=a=%20&b, " +
			"REMOTE_ADDR=127.0.0.1, REQUEST_METHOD=POST, SCRIPT_NAME=, SERVER_NAME, SERVER_PORT, SERVER_PROTOCOL=HTTP/1.1, wsgi.url_scheme=http"},
	{"C5.12", "the same header twice", get("/http", "X-Twice: 1", "x-twice: 2"), "200 OK: HTTP_HOST=test, HTTP_X_TWICE=1, 2"},
	{"C5.12", "two cookies", get("/http", "Cookie: a=1", "Cookie: b=2"), "200 OK: HTTP_COOKIE=a=1; b=2, HTTP_HOST=test"},
	// X_Auth and X-Auth have the same name in the environ, and a proxy in front may have checked only one of them.
	{"C5.12", "an underscore", get("/http", "X_Auth: me"), "200 OK: HTTP_HOST=test"},
	// HTTP_PROXY is also the variable that names a process's own proxy. Under CGI both were the same variable: httpoxy,
	// in Python CVE-2016-1000110.
	{"C5.12", "a header Proxy", get("/http", "Proxy: evil"), "200 OK: HTTP_HOST=test"},
	{"C5.12", "nor is it the process's proxy", get("/proxy", "Proxy: evil"), "200 OK: not evil"},
}

const failed = "500 Internal Server Error"

// anyError hides which error an application got from reading: each language has its own.
var anyError = strings.NewReplacer(", unexpected EOF", ", error", ", http1: malformed chunk in a body", ", error")

// TestClauses runs the same applications, in Go and in Python, with the same client on our servers and on third-party
// ones. Known differences of third-party servers are in differences.
func TestClauses(t *testing.T) {
	ledger := ledger.New(differences)
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			addr, version, pinned := s.start(t)
			page := ledger.Page(s.name, pinned)
			for _, x := range exchanges {
				t.Run(x.clause+" "+x.what, func(t *testing.T) {
					_, got := request(t, addr, x.send)
					page.Check(t, x.clause, x.what, anyError.Replace(got), x.want)
				})
			}
			for _, x := range talks {
				t.Run(x.clause+" "+x.what, func(t *testing.T) {
					page.Check(t, x.clause, x.what, anyError.Replace(x.talk(t, addr)), x.want)
				})
			}
			t.Run("C5.11 flags", func(t *testing.T) {
				page.Check(t, "C5.11", "flags", body(t, addr, "/flags"), s.flags+", once false, version (1, 0)")
			})
			page.Done(t)
			ledger.Covered(t, s.name, "C5.", 12)
			t.Log(version)
		})
	}
	t.Logf("PEP 3333, cases by clause (as wanted + differing):\n%s", ledger.Table())
}

// TestC5_10TwoLengths: a client could use either. (wsgiref sends both.)
func TestC5_10TwoLengths(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		if _, said := request(t, addr, get("/two-lengths")); said != failed {
			t.Errorf("got %v, want %v", said, failed)
		}
	})
}

// TestC5_11LateContinue: after the reply has begun no 100 is sent: it would be in the middle of the reply.
func TestC5_11LateContinue(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		c := dial(t, addr)
		c.send(post("/gate", "Content-Length: 5", "Expect: 100-continue"))
		if _, err := c.Peek(1); err != nil {
			t.Fatal(err)
		}
		c.send("hello")
		if _, said := c.reply(); said != "200 OK: first then hello, <nil>" {
			t.Errorf("got %q, want %q", said, "200 OK: first then hello, <nil>")
		}
	})
}

// TestC5_10KeptConnections: a connection stays open when both ends know where the body ended, and the server uses
// threads.
func TestC5_10KeptConnections(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		for _, x := range []struct {
			send string
			ends bool
		}{
			{get("/hello"), false},
			{get("/two"), false},
			{"GET /two HTTP/1.0\r\n\r\n", true},
			{"GET /hello HTTP/1.0\r\n\r\n", true},
			{get("/hello", "Connection: close"), true},
			{post("/hello", "Content-Length: 3") + "abc", true}, // the body was not read
			{get("/fails-early"), true},
		} {
			ends := x.ends || strings.Contains(t.Name(), "workers")
			if r, _ := request(t, addr, x.send); r.Close != ends {
				t.Errorf("%.30q: close %v, want %v", x.send, r.Close, ends)
			}
		}
	})
}
