package traffic

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"era/catalogue"
	"era/lab/scenario"
)

// speak is play for a client of another protocol.
func speak(t *testing.T, p catalogue.Protocol, addr string, giveUp time.Duration,
	steps ...scenario.Step) (told []string) {
	t.Helper()
	client := scenario.Client{Name: "one", Group: "one", GiveUp: giveUp, Steps: steps, Speaks: p}
	events := make(chan Event, 100) // two goroutines report datagrams
	Play(context.Background(), time.Now(), scenario.Script{Clients: []scenario.Client{client}}, addr,
		func(e Event) { events <- e })
	close(events)
	for e := range events {
		text := string(e.What)
		if e.Request > 0 {
			text += " " + string(rune('0'+e.Request))
		}
		if e.Why != "" {
			text += ": " + e.Why
		}
		told = append(told, text)
	}
	return told
}

func TestLinesAreComparedWithThoseSent(t *testing.T) {
	addr := serve(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			io.WriteString(c, strings.Replace(line, "two", "too", 1))
		}
	})
	check(t, speak(t, catalogue.Echo, addr, time.Minute, send("o"), send("ne\ntwo\n"), receive, receive),
		"connecting", "connected", "begun 1", "sent 1", "sent 2", "answered 1", `failed 2: another line: "too\n"`,
		"closed: closed by the client")
}

func TestAMailIsOneRequest(t *testing.T) {
	addr := serve(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		io.WriteString(c, "220-hello\r\n220 there\r\n")
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if line == ".\r\n" {
				io.WriteString(c, "552 no\r\n")
			} else if !strings.HasPrefix(line, "text") {
				io.WriteString(c, "250 yes\r\n")
			}
		}
	})
	hear := func(code string) scenario.Step { return scenario.Step{Do: scenario.Hear, Want: code} }
	say := scenario.Step{Do: scenario.Say, Bytes: []byte("EHLO x\r\n")}
	check(t, speak(t, catalogue.Mail, addr, time.Minute, hear("220"), say, hear("250"), send("MAIL\r\n"), hear("250"),
		send("text\r\n.\r\n"), receive),
		"connecting", "connected", "begun 1", "sent 1", `failed 1: refused: "552 no"`, "closed: closed by the client")
	check(t, speak(t, catalogue.Mail, addr, time.Minute, hear("354"), send("MAIL\r\n.\r\n"), receive),
		"connecting", "connected", `failed 1: want 354, got "220 there"`, `closed: want 354, got "220 there"`)
}

func TestStepsOfOtherProtocols(t *testing.T) {
	addr := serve(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	for _, p := range []catalogue.Protocol{catalogue.HTTP, catalogue.Echo, catalogue.Datagrams} {
		for _, do := range []scenario.Do{scenario.Hear, scenario.Listen, "dance"} {
			told := speak(t, p, addr, time.Minute, scenario.Step{Do: do})
			if last := told[len(told)-1]; !strings.HasPrefix(last, "closed: no such step") {
				t.Errorf("%s in %q: %s", do, p, last)
			}
		}
	}
}

// TestC3_18_Lost: datagrams may come back in any order; what has not come back in time is reported as lost.
func TestC3_18_Lost(t *testing.T) {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		room := make([]byte, 100)
		var first []byte
		for {
			n, from, err := conn.ReadFrom(room)
			if err != nil {
				return
			}
			switch string(room[:n]) {
			case "first":
				first = []byte("first")
			case "last":
				conn.WriteTo(room[:n], from)
				conn.WriteTo([]byte("what is this?"), from)
				conn.WriteTo(first, from)
			}
		}
	}()
	got := speak(t, catalogue.Datagrams, conn.LocalAddr().String(), 200*time.Millisecond, send("first"), send("second"),
		send("last"),
		scenario.Step{Do: scenario.Receive, N: 3})
	var answers []string
	for _, text := range got {
		if !strings.HasPrefix(text, "sent") { // the last may be back before it was reported as sent
			answers = append(answers, text)
		}
	}
	check(t, answers, "connecting", "connected", "answered 3", "answered 1", "failed 2: lost",
		"closed: closed by the client")
}
