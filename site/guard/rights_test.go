package guard

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func upgradeWith(token string) string {
	return "GET /lab/live HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://127.0.0.1:PORT\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Protocol: era, right." + token + "\n"
}

// A tab shares its right, the list names both tabs, and either right may be ended.
func TestShareListAndEnd(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	one := s.token(t)
	as := func(token, page string) string {
		return asPage + "X-Era-Right: " + token + "\nX-Era-Page: " + page + "\n"
	}
	for _, what := range []string{"share", "tabs", "end"} {
		for _, token := range []string{"", "x", s.rights.currentKey()} {
			if r, body := s.post(t, what, `{"others":true}`, as(token, "x.html")); r.StatusCode != 401 {
				t.Errorf("%s with the right %q: %s %s, want 401", what, token, r.Status, body)
			}
		}
		if r, _ := s.post(t, what, `{}`, strings.Replace(as(one, "x.html"), "127.0.0.1:PORT", "127.0.0.1:1",
			1)); r.StatusCode != 403 {
			t.Errorf("%s from another port: %s, want 403", what, r.Status)
		}
	}
	_, body := s.post(t, "share", `{}`, as(one, "blocking.html"))
	two := decode[given](t, body).Token
	if two == "" || two == one {
		t.Fatalf("shared %q, want a right of its own", two)
	}
	if r, _ := s.send(t, s.addr, upgradeWith(two)); r.StatusCode != 200 {
		t.Fatalf("upgrade with the shared right: %s", r.Status)
	}
	s.post(t, "tabs", `{}`, as(one, "blocking.html"))
	_, body = s.post(t, "tabs", `{}`, as(two, "evil page; end all"))
	list := decode[tabs](t, body).Tabs
	if len(list) != 2 || list[0].Page != "blocking.html" || list[0].Own || !list[1].Own || list[1].Page != "" {
		t.Fatalf("the list is %s, want blocking.html and the own tab, whose page is no name", body)
	}
	if said := s.Command("tabs"); !strings.Contains(said, "blocking.html at this machine") ||
		strings.Contains(said, "evil") || strings.Count(said, "\n") != 2 {
		t.Errorf("in the terminal: %q", said)
	}
	s.post(t, "end", fmt.Sprintf(`{"id":%d}`, list[0].ID), as(two, "x.html"))
	for token, want := range map[string]int{one: 401, two: 200} {
		if r, _ := s.send(t, s.addr, upgradeWith(token)); r.StatusCode != want {
			t.Errorf("after the end of the first tab's right: %s, want %d", r.Status, want)
		}
	}
	if said := s.Command("end all"); said != "ended: 1\n" {
		t.Errorf("end all says %q", said)
	}
	if r, _ := s.send(t, s.addr, upgradeWith(two)); r.StatusCode != 401 {
		t.Errorf("after the end of all: %s, want 401", r.Status)
	}
}

// A code that a page shows gives it the right when it is typed, once, and only in the terminal.
func TestTypedCode(t *testing.T) {
	s := newSite(t, "127.0.0.1:0", false)
	ask := func(ticket string) pending {
		_, body := s.post(t, "ask", `{"ticket":"`+ticket+`"}`, asPage+"X-Era-Page: select.html\n")
		return decode[pending](t, body)
	}
	if p := ask(""); p.Code != "" || p.Ticket != "" {
		t.Errorf("codes cannot be typed, but the page shows %q", p.Code)
	}
	s.Typed(true)
	p := ask("")
	if len(p.Code) != 4 || p.Token != "" {
		t.Fatalf("asked and got %+v", p)
	}
	if again := ask(p.Ticket); again != p {
		t.Errorf("asked again: %+v, want the same", again)
	}
	if said := s.Command(fmt.Sprintf("%04d", (1+atoi(p.Code))%10_000)); !strings.HasPrefix(said, "no page shows") {
		t.Errorf("another code: %q", said)
	}
	if said := s.Command(" " + p.Code + "\r"); !strings.Contains(said, "select.html at this machine") {
		t.Errorf("the code: %q", said)
	}
	if said := s.Command(p.Code); !strings.HasPrefix(said, "no page shows") {
		t.Errorf("the code a second time: %q", said)
	}
	token := ask(p.Ticket).Token
	if r, _ := s.send(t, s.addr, upgradeWith(token)); r.StatusCode != 200 {
		t.Errorf("upgrade with the right: %s", r.Status)
	}
	if again := ask(p.Ticket); again.Token != "" {
		t.Error("the ticket gives the right twice")
	}
	if log := s.log.String(); strings.Contains(log, token) {
		t.Errorf("the token is in the log: %s", log)
	}
}

func atoi(s string) (n int) {
	fmt.Sscan(s, &n)
	return n
}

// What pages may ask for without a right is bounded, other machines cannot push out the codes of this one, and a single
// mistyped digit does not grant another page's plea.
func TestPleasAreBounded(t *testing.T) {
	s := newRights()
	own := s.plead("", "", "this machine", true)
	codes := map[string]bool{}
	for i := range 1000 {
		s.plead("", "", fmt.Sprint("192.0.2.", i%200), false)
	}
	for range 100 {
		s.plead("", "", "192.0.2.1", false)
	}
	of := map[string]int{}
	for _, p := range s.pleas {
		of[p.from]++
		for other := range codes {
			if distance(other, p.code) < 2 {
				t.Errorf("codes %s and %s wait at once", other, p.code)
			}
		}
		codes[p.code] = true
	}
	if len(s.pleas) != maxPleas || of["192.0.2.1"] > maxPleasOf {
		t.Errorf("%d pleas wait, %d of one machine; want %d, %d at most", len(s.pleas), of["192.0.2.1"], maxPleas, maxPleasOf)
	}
	if _, granted := s.grant(own.code); !granted {
		t.Error("other machines pushed out a code of this one")
	}
}

func TestRightsAndPleasEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newRights()
		enter := func() string {
			token, err := s.enter(s.currentKey(), "", "", "")
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		idle, open := enter(), enter()
		ended, leave, err := s.connect(open)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= maxSockets; n++ {
			if _, _, err := s.connect(open); (err == nil) != (n < maxSockets) {
				t.Errorf("connection %d of one right: %v", n+1, err)
			}
		}
		p := s.plead("", "", "", true)
		time.Sleep(pleaTime + time.Second)
		if _, granted := s.grant(p.code); granted {
			t.Error("an old code is granted")
		}
		time.Sleep(idleRight)
		if s.use(idle, "") {
			t.Error("a right is good after it was idle for so long")
		}
		if !s.use(open, "") || ended.Err() != nil {
			t.Error("the right of an open tab has ended")
		}
		for range maxRights + 5 {
			enter()
		}
		if len(s.all) != maxRights || !s.use(open, "") {
			t.Errorf("%d rights, want %d, and that of the open tab among them", len(s.all), maxRights)
		}
		waited := make(chan error)
		go func() {
			_, _, err := s.connect(open)
			waited <- err
		}()
		synctest.Wait()
		leave() // as the connection of a page that the reader left closes a moment later
		if err := <-waited; err != nil {
			t.Errorf("a place that got free: %v", err)
		}
		s.revoke(func(*right) bool { return true })
		if ended.Err() == nil {
			t.Error("the connection of an ended right goes on")
		}
	})
}

// A tab that enters again keeps its right: a duplicate of the tab is not cut off.
func TestEnterAgain(t *testing.T) {
	s := newRights()
	one, _ := s.enter(s.currentKey(), "", "", "")
	two, err := s.enter(s.currentKey(), one, "", "")
	if err != nil || two != one || len(s.all) != 1 {
		t.Errorf("entered again: %v, %d rights, the same: %v", err, len(s.all), one == two)
	}
}
