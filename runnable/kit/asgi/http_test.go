//go:build linux || darwin

package asgi

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

type serving = func(make func(e Engine) App, change ...func(*Server)) *running

// TestC6_1_C6_17: one callable, and a scope with the versions.
func TestC6_1_C6_17(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		versions := make(chan string, 2)
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			versions <- scope.Type + " " + scope.ASGI.Version + " " + scope.ASGI.SpecVersion
			if scope.Type == "websocket" {
				return send(Event{Type: WebSocketClose})
			}
			return text(send, "hello")
		}))
		r.dial().ask(get("/"))
		r.dial().ask(handshake("/", ""))
		if got, want := wait(t, versions, "http")+", "+wait(t, versions, "websocket"),
			"http 3.0 2.5, websocket 3.0 2.5"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestC6_2: an application that does not know the scope fails, and the client gets a 500.
func TestC6_2(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		log := logs(t)
		r := serve(func(Engine) App { return func(Scope, Receive, Send) error { return ErrUnknownScope } })
		c := r.dial()
		if got, want := c.ask(get("/")), "500 Internal Server Error|Internal Server Error\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		c.wantEnd()
		if !log.has(ErrUnknownScope.Error()) {
			t.Errorf("log %q", log)
		}
	})
}

// TestC6_3: fields that an event's type does not use are ignored; an unknown type is an error.
func TestC6_3(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		unknown := make(chan error, 1)
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			unknown <- send(Event{Type: "http.response.sing"})
			if err := send(Event{Type: ResponseStart, Status: 200, Code: 7, Text: "x", More: true}); err != nil {
				return err
			}
			return send(Event{Type: ResponseBody, Body: []byte("fine"), Status: 404})
		}))
		if got, want := r.dial().ask(get("/")), "200 OK|fine"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if wait(t, unknown, "the error") == nil {
			t.Error("an unknown event is accepted")
		}
	})
}

// TestC6_4: a middleware's changes to its scope are not visible outside.
func TestC6_4(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		inner := func(scope Scope, receive Receive, send Send) error { return text(send, scope.RootPath+" "+scope.Path) }
		outside := make(chan string, 1)
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			err := func(scope Scope) error {
				scope.RootPath, scope.Path = "/mounted", strings.TrimPrefix(scope.Path, "/mounted")
				return inner(scope, receive, send)
			}(scope)
			outside <- scope.RootPath + " " + scope.Path
			return err
		}))
		if got, want := r.dial().ask(get("/mounted/at")), "200 OK|/mounted /at"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := wait(t, outside, "the outer scope"); got != " /mounted/at" {
			t.Errorf("the outer scope is %q", got)
		}
	})
}

// TestC6_5: each request has its own scope, with all fields of the specification.
func TestC6_5(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		r := serve(just(func(s Scope, receive Receive, send Send) error {
			body := ""
			for more := true; more; {
				e, err := receive()
				if err != nil {
					return err
				}
				body, more = body+string(e.Body), e.More
			}
			lines := fmt.Sprintf("%s %s %s %q %s %s\n", s.Method, s.Scheme, s.HTTPVersion, s.Path, s.QueryString, body)
			for _, h := range s.Headers {
				lines += h.Name + "=" + h.Value + "\n"
			}
			if s.Server.Port == 0 || s.Client.Port == 0 || s.Client.Host != "127.0.0.1" {
				lines += "no addresses"
			}
			send(Event{Type: ResponseStart, Status: 200,
				Headers: []Header{{"transfer-encoding", "gzip"}, {"x-order", "1"}, {"x-order", "2"}}})
			return send(Event{Type: ResponseBody, Body: []byte(lines)})
		}))
		c := r.dial()
		c.say("PUT /caf%C3%A9%20?q=%20+ HTTP/1.1\r\nHost: test\r\nX-B: 2\r\nx-a: 1\r\nX-B: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n")
		reply, body := c.reply()
		want := "PUT http 1.1 \"/café \" q=%20+ hello!\nhost=test\nx-b=2\nx-a=1\nx-b=1\ntransfer-encoding=chunked\n"
		if body != want {
			t.Errorf("got  %q\nwant %q", body, want)
		}
		if got := fmt.Sprint(reply.TransferEncoding, reply.ContentLength,
			reply.Header.Values("X-Order")); got != fmt.Sprint([]string(nil), len(want), []string{"1", "2"}) {
			t.Errorf("reply %s", got)
		}
		// the same connection
		if got := c.ask("GET / HTTP/1.1\r\nHost: again\r\n\r\n"); got != "200 OK|GET http 1.1 \"/\"  \nhost=again\n" {
			t.Errorf("%q", got)
		}
		// RFC 9112, section 3.2.2
		if got := c.ask("GET http://right HTTP/1.1\r\nHost: wrong\r\n\r\n"); got != "200 OK|GET http 1.1 \"/\"  \nhost=right\n" {
			t.Errorf("%q", got)
		}
		if got := c.ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websoc\u212aet\r\n\r\n"); !strings.HasPrefix(got, "200 ") {
			t.Errorf("an upgrade with the Kelvin sign: %q", got)
		}
	})
}

// TestC6_6: the application receives http.request, and its parts together are the body, however it was split.
func TestC6_6(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			body := ""
			for more := true; more; {
				e, err := receive()
				if err != nil || e.Type != HTTPRequest {
					return fmt.Errorf("%v, %w", e, err)
				}
				body, more = body+string(e.Body), e.More
			}
			return text(send, body)
		}))
		c := r.dial()
		for _, parts := range [][]string{
			{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n", "abc", "def"},
			{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\nab", "c\r\n3\r", "\ndef\r\n", "0\r\n", "\r\n"},
			{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"},
		} {
			for _, part := range parts {
				c.say(part)
			}
			want := "200 OK|abcdef"
			if len(parts) == 1 {
				want = "200 OK|"
			}
			if _, got := c.reply(); "200 OK|"+got != want {
				t.Errorf("%q for %q", got, parts)
			}
		}
		// A client that expects "100 Continue" sends the body only when the application receives it.
		c.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
		if line, err := c.replies.ReadString('\n'); line != "HTTP/1.1 100 Continue\r\n" {
			t.Fatal(line, err)
		}
		c.replies.ReadString('\n')
		if got, want := c.ask("ok"), "200 OK|ok"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := c.ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"); !strings.HasPrefix(got, "400 ") {
			t.Errorf("got %q, want a status of 400", got)
		}
		c.wantEnd()
	})
}

// TestErrorAfterTheClientHasLeft: a failure of the application after that is logged all the same. The error of its own
// send is not.
func TestErrorAfterTheClientHasLeft(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		log, ended := logs(t), make(chan bool, 2)
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			defer func() { ended <- true }()
			for {
				e, err := receive()
				if err != nil {
					return err
				}
				if e.Type == HTTPDisconnect {
					break
				}
			}
			if scope.Path == "/sends" {
				return send(Event{Type: ResponseStart, Status: 200})
			}
			return errors.New("the rollback failed")
		}))
		for _, path := range []string{"/sends", "/fails"} {
			c := r.dial()
			c.say(get(path))
			c.Close()
			wait(t, ended, path)
		}
		for until := time.Now().Add(patience); !log.has("/fails: the rollback failed"); time.Sleep(time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("log %q", log)
			}
		}
		if log.has("/sends") {
			t.Errorf("log %q", log)
		}
	})
}
