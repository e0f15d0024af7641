//go:build linux || darwin

package clauses

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// requests are cases about scopes and received events.
var requests = []exchange{
	{"C6.1", "one callable, of ASGI 3.0", one(get("/version")), "200 OK: 3.0"},
	{"C6.2", "an application that fails, as for a scope that it does not know", one(get("/raises")), "500"},
	{"C6.3", "unknown keys", one(get("/extra")), "200 OK: fine"},
	{"C6.3", "an unknown event", one(get("/unknown")), "200 OK: raised"},
	{"C6.4", "a copy of the scope is private", func(t *testing.T, s *server) string {
		return s.ask(t, get("/mounted/at")) + ", outside" + s.notes(t, 1)
	}, "200 OK: /mounted /at, outside /mounted/at"},
	{"C6.5", "a scope of its own for each request", func(t *testing.T, s *server) string {
		c := s.dial(t)
		c.say(get("/own"))
		_, one := c.reply()
		c.say(get("/own"))
		_, two := c.reply()
		return one + ", " + two
	}, "200 OK: fresh, 200 OK: fresh"},
	{"C6.5", "path, query, headers, and a body out of its chunks", func(t *testing.T, s *server) string {
		return s.ask(t, "PUT /caf%C3%A9%20/scope?q=%20+ HTTP/1.1\r\nHost: test\r\nX-B: 2\r\nx-a: 1\r\nX-B: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n")
	}, "200 OK: PUT http 1.1 /café /scope q=%20+ hello!\nhost=test\nx-b=2\nx-a=1\nx-b=1\ntransfer-encoding=chunked"},
	{"C6.5", "addresses", one(get("/addresses")), "200 OK: 127.0.0.1 True, 127.0.0.1 True"},
	{"C6.5", "an application's Transfer-Encoding is ignored", func(t *testing.T, s *server) string {
		c := s.dial(t)
		c.say(get("/ill-framed"))
		r, said := c.reply()
		return fmt.Sprint(said, r.TransferEncoding, r.Header.Values("X-Order"))
	}, "200 OK: plain[] [1 2]"},
	{"C6.5", "204 without a length", framing("GET", "/no-content"), `204 [] ""`},
	{"C6.5", "204, whatever the application names", framing("GET", "/no-content-named"), `204 [] ""`},
	{"C6.5", "205 without a body", framing("GET", "/reset"), `205 [content-length: 0] ""`},
	{"C6.5", "304 with the length of the 200", framing("GET", "/not-modified"), `304 [content-length: 5] ""`},
	{"C6.5", "304 without a body", framing("GET", "/not-modified-bodied"), `304 [] ""`},
	{"C6.5", "HEAD, with a body that is not sent", framing("HEAD", "/named"), `200 [content-length: 5] ""`},
	{"C6.5", "HEAD, with a body that was left out", framing("HEAD", "/empty"), `200 [] ""`},
	{"C6.6", "a body in parts", func(t *testing.T, s *server) string {
		c := s.dial(t)
		for _, part := range []string{post("/echo", "Transfer-Encoding: chunked"), "3\r\nab", "c\r\n3\r", "\ndef\r\n",
			"0\r\n", "\r\n"} {
			c.say(part)
		}
		_, said := c.reply()
		return said
	}, "200 OK: abcdef"},
	{"C6.6", "no body", one(post("/echo", "Content-Length: 0")), "200 OK: "},
	{"C6.6", "100 Continue when the application asks", func(t *testing.T, s *server) string {
		c := s.dial(t)
		c.say(post("/echo", "Content-Length: 2", "Expect: 100-continue"))
		if r, err := http.ReadResponse(c.Reader, nil); err != nil || r.StatusCode != http.StatusContinue {
			return fmt.Sprint(r, err)
		}
		c.say("ok")
		_, said := c.reply()
		return "100, " + said
	}, "100, 200 OK: ok"},
	{"C6.6", "and not if it does not", one(post("/version", "Content-Length: 2", "Expect: 100-continue")), "200 OK: 3.0"},
	{"C6.6", "chunks that are none", one(post("/echo", "Transfer-Encoding: chunked") + "nonsense\r\n"), "400"},
	{"C6.15", "a copy of the state for each request", func(t *testing.T, s *server) string {
		return s.ask(t, get("/state")) + ", " + s.ask(t, get("/state"))
	}, "200 OK: as it began 1, 200 OK: as it began 2"},
	{"C6.16", "a WSGI application through a bridge", func(t *testing.T, s *server) string {
		c := s.dial(t)
		c.say("PUT /wsgi/a%20b?c=%20 HTTP/1.1\r\nHost: test\r\nX-B: 1\r\nx-b: 2\r\nContent-Length: 4\r\n\r\nbody")
		r, said := c.reply()
		if said == "200 OK: no bridge here" {
			return notHere
		}
		return fmt.Sprint(strings.Replace(said, "1, 2", "1,2", 1), r.Header.Values("X-A"))
	}, "201 Created: REQUEST_METHOD=PUT, SCRIPT_NAME=, PATH_INFO=/wsgi/a b, QUERY_STRING=c=%20, CONTENT_LENGTH=4, HTTP_X_B=1,2, body[1 2]"},
	{"C6.17", "version of the HTTP part", one(get("/spec")), "200 OK: 2.5"},
	{"C6.17", "version of the WebSocket part", func(t *testing.T, s *server) string {
		defer s.notes(t, 1)
		return s.shake(t, "/spec").next()
	}, "text 2.5"},
	{"C6.18", "extensions", one(get("/extensions")), "200 OK: "},
	{"C6.18", "one that was not advertised", one(get("/trailers")), "200 OK: raised"},
}

// framing returns a reply's status, the lines of its head that say where it ends, and the bytes after the head until
// the end of the connection (RFC 9110, section 8.6). With HEAD, chunks may be announced or not (RFC 9112, section 6.1).
func framing(method, path string) func(*testing.T, *server) string {
	return func(t *testing.T, s *server) string {
		c := s.dial(t)
		c.say(method + " " + path + head([]string{"Connection: close"}))
		all, _ := io.ReadAll(c) // another case checks how it ends
		top, rest, _ := strings.Cut(string(all), "\r\n\r\n")
		lines := strings.Split(strings.ToLower(top), "\r\n")
		framed := slices.DeleteFunc(lines[1:], func(line string) bool {
			return !strings.HasPrefix(line, "content-length:") &&
				(!strings.HasPrefix(line, "transfer-encoding:") || method == "HEAD")
		})
		_, status, _ := strings.Cut(lines[0], " ")
		return fmt.Sprintf("%.3s %v %q", status, framed, rest)
	}
}

// responses are cases about sent events.
var responses = []exchange{
	{"C6.7", "a failure after the start", one(get("/fails")), "500"},
	{"C6.7", "no body after the start", one(get("/forgets")), "500"},
	{"C6.7", "a body before the start", one(get("/body-first")), "500"},
	{"C6.7", "a failure in the body", one(get("/torn")), "200 OK: half [broken off]"},
	{"C6.8", "a part is sent when send returns", func(t *testing.T, s *server) string {
		c := s.dial(t)
		c.say(get("/gate"))
		head := ""
		for !strings.HasSuffix(head, "one\r\n") {
			line, err := c.ReadString('\n')
			if err != nil {
				return fmt.Sprintf("%q, %v", head, err)
			}
			head += line
		}
		s.ask(t, get("/open"))
		rest := make([]byte, len("3\r\ntwo\r\n0\r\n\r\n"))
		n, err := io.ReadFull(c, rest)
		return fmt.Sprintf("%q, %v", rest[:n], err)
	}, `"3\r\ntwo\r\n0\r\n\r\n", <nil>`},
	{"C6.8", "what comes after the last part is ignored", func(t *testing.T, s *server) string { return s.notes(t, 1) },
		"taken, taken"},
	{"C6.8", "send waits for a client that does not read", func(t *testing.T, s *server) string {
		deaf, other := s.dial(t), s.dial(t)
		deaf.say(get("/much"))
		if _, err := deaf.Peek(1); err != nil {
			t.Fatal(err)
		}
		other.SetDeadline(time.Now().Add(patience))
		for range 100 {
			other.say(get("/hello"))
			if _, said := other.reply(); said != "200 OK: hello" {
				t.Fatalf("got %q, want %q", said, "200 OK: hello")
			}
		}
		n, err := strconv.Atoi(strings.TrimPrefix(s.ask(t, get("/how-much")), "200 OK: "))
		if err != nil {
			t.Fatal(err)
		}
		deaf.SetLinger(0)
		deaf.Close()
		if n < parts/2 {
			return "it waits"
		}
		return "it takes all"
	}, "it waits"},
	{"C6.10", "send to a client who has left", func(t *testing.T, s *server) string { return s.notes(t, 1) }, "OSError"},
	{"C6.9", "receive after the response", func(t *testing.T, s *server) string {
		return s.ask(t, get("/after")) + ", " + s.notes(t, 1)
	}, "200 OK: done, http.disconnect"},
	{"C6.9", "receive waits while the client does", func(t *testing.T, s *server) string {
		c := s.dial(t)
		c.say(get("/poll"))
		early := s.notes(t, 1)
		for range 50 { // a send that does not wait has run by then
			s.ask(t, get("/hello"))
		}
		early += s.ask(t, get("/notes"))
		c.Close()
		late := s.notes(t, 2)
		what, _, _ := strings.Cut(late, "; ") // the result of the send is checked by C6.10
		return early + ", " + what
	}, "polls200 OK: , http.disconnect"},
	{"C6.10", "send when receive has told", func(t *testing.T, s *server) string {
		c := s.dial(t)
		c.say(get("/poll"))
		s.notes(t, 1)
		c.Close()
		_, what, _ := strings.Cut(s.notes(t, 2), "; ")
		return what
	}, "OSError"},
}
