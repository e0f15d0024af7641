//go:build linux || darwin

package asgi

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestFraming: how the client learns where a response ends, whichever headers the application sets.
func TestFraming(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		logs(t)
		length := func(n string) []Header { return []Header{{"content-length", n}} }
		responses := map[string]struct {
			status  int
			headers []Header
			parts   []string
		}{
			"/one":   {200, nil, []string{"whole"}},
			"/two":   {200, nil, []string{"in ", "parts"}},
			"/empty": {204, nil, []string{""}},
			"/short": {200, length("10"), []string{"short"}},
			"/long":  {200, length("2"), []string{"ok, and", "too long"}},
			"/line":  {200, []Header{{"x", "a\r\nx-forged: b"}}, []string{""}},
			"/close": {200, append(length("2"), Header{"connection", "close"}), []string{"ok"}},
		}
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			is := responses[scope.Path]
			if err := send(Event{Type: ResponseStart, Status: is.status, Headers: is.headers}); err != nil {
				return err
			}
			for i, part := range is.parts {
				if err := send(Event{Type: ResponseBody, Body: []byte(part), More: i < len(is.parts)-1}); err != nil {
					return err
				}
			}
			return nil
		}))
		for _, c := range []struct{ send, want string }{
			{get("/one"), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"},
			{get("/two"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nin \r\n5\r\nparts\r\n0\r\n\r\n"},
			{get("/empty"), "HTTP/1.1 204 No Content\r\n\r\n"},
			{"HEAD /one HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
			{"HEAD /two HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
			{"GET /two HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nin parts<end>"},
			{get("/close"), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok<end>"},
			{"POST /one HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwhole<end>"},
			{get("/line"), "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 22\r\nConnection: close\r\n\r\nInternal Server Error\n<end>"},
			{get("/long"), "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 22\r\nConnection: close\r\n\r\nInternal Server Error\n<end>"},
			{get("/short"), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort<cut>"},
		} {
			conn := r.dial()
			whole := strings.TrimSuffix(strings.TrimSuffix(c.want, "<end>"), "<cut>")
			again := whole == c.want
			conn.say(c.send)
			got := ""
			for one := make([]byte, 1); len(got) < len(whole); {
				if _, err := conn.replies.Read(one); err != nil {
					break
				}
				got += string(one)
			}
			if !again {
				switch _, err := conn.replies.ReadByte(); {
				case err != nil && strings.HasSuffix(c.want, "<cut>"): // an end of file or a reset
					got += "<cut>"
				case err == io.EOF:
					got += "<end>"
				}
			}
			if got != c.want {
				t.Errorf("%q:\n got %q\nwant %q", c.send, got, c.want)
			} else if again && !strings.HasPrefix(conn.ask(get("/one")), "200") {
				t.Errorf("%q: the connection cannot be used any more", c.send)
			}
		}
		c := r.dial() // replies go out in the order of the requests
		c.say(get("/one") + get("/two") + get("/one"))
		_, one := c.reply()
		_, two := c.reply()
		_, three := c.reply()
		if one+two+three != "wholein partswhole" {
			t.Error(one, two, three)
		}
	})
}

// TestOutbox: the order is kept, a full outbox accepts nothing, and a closed one is emptied first.
func TestOutbox(t *testing.T) {
	o := NewOutbox(OnGoroutines, 2)
	if !o.Offer(Event{Text: "1"}) || !o.Offer(Event{Text: "2"}) || o.Offer(Event{Text: "3"}) {
		t.Error("it holds two")
	}
	o.Close()
	got := ""
	for e, ok := o.Take(); ok; e, ok = o.Take() {
		got += e.Text
	}
	if got != "12" || o.Offer(Event{}) {
		t.Error(got)
	}
	o = NewOutbox(OnGoroutines, 1)
	var both sync.WaitGroup
	both.Go(func() {
		for i := range 1000 {
			if e, ok := o.Take(); !ok || e.Code != i {
				t.Errorf("%d: %v %v", i, e, ok)
				return
			}
		}
	})
	for i := range 1000 {
		for !o.Offer(Event{Code: i}) {
			time.Sleep(time.Microsecond)
		}
	}
	both.Wait()
}
