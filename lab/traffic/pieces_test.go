package traffic

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"era/lab/scenario"
)

// events plays one client and returns all its events.
func events(t *testing.T, c scenario.Client, addr string) []Event {
	t.Helper()
	told := make(chan Event, 1000)
	Play(context.Background(), time.Now(), scenario.Script{Clients: []scenario.Client{c}}, addr,
		func(e Event) { told <- e })
	close(told)
	var all []Event
	for e := range told {
		all = append(all, e)
	}
	return all
}

// The second piece is made when the first has been read: in chunks, or until the connection ends.
func TestAReplyInPieces(t *testing.T) {
	begun := make(chan struct{})
	for _, closes := range []bool{false, true} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if closes {
				w.Header().Set("Connection", "close")
				w.Header().Set("Transfer-Encoding", "identity")
			}
			io.WriteString(w, "one ")
			w.(http.Flusher).Flush()
			<-begun
			io.WriteString(w, "two")
		}))
		client := scenario.Client{GiveUp: time.Minute,
			Steps: []scenario.Step{send(request), {Do: scenario.Receive, N: 1, Want: "one two"}}}
		var started, answered Event
		Play(t.Context(), time.Now(), scenario.Script{Clients: []scenario.Client{client}}, server.Listener.Addr().String(),
			func(e Event) {
				switch e.What {
				case Started:
					started = e
					begun <- struct{}{}
				case Answered:
					answered = e
				case Failed:
					t.Error(e.Why)
				}
			})
		if started.Request != 1 || answered.Pieces != 2 || answered.First == 0 || answered.First > started.At ||
			started.At > answered.At {
			t.Errorf("closes %t: started %+v, answered %+v", closes, started, answered)
		}
		server.Close()
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	for reply, why := range map[string]string{
		"Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\nX: y\r\n\r\n":              `after the last chunk: "X: y"`,
		"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\none\r\n0\r\n\r\n": "a reply with chunks and a Content-Length",
		"Transfer-Encoding: chunked\r\n\r\nthree\r\none\r\n0\r\n\r\n":                  "invalid byte in chunk length",

		"Transfer-Encoding: gzip\r\n\r\n": `bad Transfer-Encoding: "Transfer-Encoding: gzip"`,
	} {
		addr := serve(t, hello("HTTP/1.1 200 OK\r\n"+reply))
		told := play(t, addr, time.Minute, send(request), receive)
		if last := told[len(told)-1]; last != "closed: "+why {
			t.Errorf("%q: %s", reply, last)
		}
	}
	addr := serve(t, func(c net.Conn) {
		// The whole request is read, as a close with unread input is a reset.
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
		}
	})
	told := play(t, addr, time.Minute, send(request[:16]), send(request[16:]), receive)
	if last := told[len(told)-1]; last != "closed: closed by the server before the reply was complete" {
		t.Error(last)
	}
}

// A request is sent when its body is, however the body is announced, and the next one begins after it.
func TestABodyInPieces(t *testing.T) {
	got := make(chan string, 4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		got <- fmt.Sprint(string(body), err)
	}))
	defer server.Close()
	head := "POST / HTTP/1.1\r\nHost: x\r\n"
	check(t, play(t, server.Listener.Addr().String(), time.Minute,
		send(head+"Content-Length: 6\r\n\r\nab"), send("cdef"+request), receive, receive,
		send(head+"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"), send("4\r\ncdef\r\n0\r\n\r\n"), receive),
		"connecting", "connected", "begun 1", "sent 1", "sent 2", "answered 1", "answered 2", "begun 3", "sent 3",
		"answered 3",
		"closed: closed by the client")
	for _, want := range []string{"abcdef<nil>", "<nil>", "abcdef<nil>"} {
		if body := <-got; body != want {
			t.Errorf("the server got %s, want %s", body, want)
		}
	}
}

// What is wanted of a body is compared to its end.
func TestTheWholeSumIsChecked(t *testing.T) {
	sum := strings.Repeat("0123456789", 9)
	reply := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(sum), sum)
	for want, answered := range map[string]bool{sum: true, sum[:len(sum)-1] + "x": false} {
		told := play(t, serve(t, hello(reply)), time.Minute, send(request),
			scenario.Step{Do: scenario.Receive, N: 1, Want: want})
		if got := told[len(told)-2] == "answered 1"; got != answered {
			t.Errorf("%s: %v", want, told)
		}
	}
}
