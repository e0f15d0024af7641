package traffic

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/coder/websocket"

	"era/catalogue"
	"era/lab/scenario"
)

// room is a WebSocket server of a third-party library.
func room(t *testing.T, talk func(*websocket.Conn, *http.Request)) (addr string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		talk(conn, r)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// echo sends back each message of its only member, and before it one of its own.
func echo(conn *websocket.Conn, r *http.Request) {
	own := []string{"other 1: 1 ", "other 1: 3 ", "other 1: 4 ", "other 1: 5 ", "other 1: 6 "}
	for i := 0; ; i++ {
		kind, text, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		conn.Write(r.Context(), websocket.MessageText, []byte(own[i]))
		conn.Write(r.Context(), kind, text)
	}
}

// talker returns the only talker of the scenario, and what it says.
func talker(t *testing.T, name string, settings scenario.Settings) scenario.Client {
	e, err := scenario.New(name, settings, 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range e.Script().Clients {
		if c.Group == "talkers" {
			return c
		}
	}
	t.Fatal("no talker")
	return scenario.Client{}
}

// Each message is answered when it comes back; what others say is heard, and compared with what they said before.
func TestAMemberHearsWhatItSays(t *testing.T) {
	c := talker(t, "websocket", scenario.Settings{"talkers": 1, "listeners": 0, "messages": 3, "gap": 20})
	for i := range c.Steps { // the other talker's messages count as well
		if c.Steps[i].Do == scenario.Receive {
			c.Steps[i].N = 6
		}
	}
	count, disorder, code := map[What]int{}, 0, 0
	for _, e := range events(t, c, room(t, echo)) {
		count[e.What]++
		if e.What == Heard && e.Why != "" {
			disorder++
		}
		if e.What == Answered && e.Wanted >= e.At {
			t.Errorf("answered before it was sent: %+v", e)
		}
		if e.What == Closed {
			code = e.Code
		}
	}
	if count[Sent] != 3 || count[Answered] != 3 || count[Heard] != 6 || disorder != 1 ||
		count[Failed]+count[Broken] != 0 || code != 1000 {
		t.Errorf("%v, %d out of order, closed with %d", count, disorder, code)
	}
}

// As in every protocol, a second Receive waits for messages after those of the first.
func TestReceivingTwiceInARoom(t *testing.T) {
	c := talker(t, "websocket", scenario.Settings{"talkers": 1, "listeners": 0, "messages": 3, "gap": 20})
	at := slices.IndexFunc(c.Steps, func(s scenario.Step) bool { return s.Do == scenario.Receive })
	c.Steps[at].N = 4
	c.Steps = slices.Insert(c.Steps, at, scenario.Step{Do: scenario.Receive, N: 2})
	heard, last := 0, Event{}
	for _, e := range events(t, c, room(t, echo)) {
		if last = e; e.What == Heard {
			heard++
		}
	}
	if heard != 6 || last.Code != 1000 {
		t.Errorf("it received %d messages, want 6; last: %+v", heard, last)
	}
}

// A room that asks a member to leave says why, and what that member still had to say has failed.
func TestAskedToLeave(t *testing.T) {
	c := talker(t, "websocket", scenario.Settings{"talkers": 1, "listeners": 0, "messages": 3, "gap": 20})
	told := events(t, c, room(t, func(conn *websocket.Conn, r *http.Request) {
		if _, _, err := conn.Read(r.Context()); err == nil {
			conn.Close(websocket.StatusTryAgainLater, "too slow")
		}
	}))
	failed := 0
	for _, e := range told {
		if e.What == Failed {
			failed++
		}
	}
	last := told[len(told)-1]
	if failed != 3 || last.Code != 1013 || last.Why != `closed by the server with 1013, "too slow"` {
		t.Errorf("%d failed, last %+v", failed, last)
	}
}

// A member that does not listen keeps the room waiting, and hears everything that was said when it does.
func TestTheLaggardListensLater(t *testing.T) {
	e, err := scenario.New("laggard", scenario.Settings{"talkers": 1, "messages": 10, "gap": 20}, 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range e.Script().Clients {
		if c.Group != "laggard" {
			continue
		}
		count := map[What]int{}
		for _, e := range events(t, c, room(t, func(conn *websocket.Conn, r *http.Request) {
			for range 10 {
				conn.Write(r.Context(), websocket.MessageText, []byte("other 1: 1 "))
			}
			conn.Read(r.Context())
		})) {
			if count[e.What]++; e.What == Heard && count[Resumed] == 0 {
				t.Error("it received a message before it listened")
			}
		}
		if count[Holding] != 1 || count[Resumed] != 1 || count[Heard] != 10 {
			t.Errorf("%v", count)
		}
	}
}

// An answer that is not the answer to our handshake is refused.
func TestNoWebSocket(t *testing.T) {
	for answer, why := range map[string]string{
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n": "no WebSocket: status 404",
		"HTTP/1.1 101 Switching Protocols\r\n\r\n":            "no WebSocket: another key",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n": "no WebSocket: another key",
	} {
		addr := serve(t, hello(answer))
		told := speak(t, catalogue.WebSocket, addr, time.Minute, scenario.Step{Do: scenario.Say, Bytes: []byte(request)},
			scenario.Step{Do: scenario.Hear, Want: "BBBB"}, send("x"))
		check(t, told, "connecting", "connected", "failed 1: "+why, "closed: "+why)
	}
}
