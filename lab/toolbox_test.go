package lab

import (
	"strings"
	"testing"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/scenario"
)

func TestEchoScenario(t *testing.T) {
	r := run(t, "echo", map[string]string{"clients": "5", "lines": "4", "pause": "500ms"}, "tcpserver", "tcpserver/python")
	for _, s := range r.Result.Servers {
		if s.PerGroup["lines"].Requests.Answered != 20 || s.PerGroup["half"].Requests.Answered != 1 ||
			!strings.Contains(s.Verdict, "20 of 20 lines") {
			t.Errorf("%s/%s: %+v: %s", s.ID, s.Language, s.PerGroup, s.Verdict)
		}
	}
}

func TestMailScenario(t *testing.T) {
	r := run(t, "mail", map[string]string{"clients": "4", "pause": "500ms", "size": "64KiB"}, "mailserver",
		"mailserver/python")
	for _, s := range r.Result.Servers {
		if s.PerGroup["quick"].Requests.Answered != 4 || s.PerGroup["slow"].Requests.Answered != 1 ||
			!strings.Contains(s.Verdict, "4 of 4 quick mails") {
			t.Errorf("%s/%s: %+v: %s", s.ID, s.Language, s.PerGroup, s.Verdict)
		}
	}
}

// TestC3_18_Lanes: one descriptor serves all senders, and each has a lane with the calls that were for it. Lost
// datagrams are counted.
func TestC3_18_Lanes(t *testing.T) {
	r := run(t, "datagrams", map[string]string{"clients": "3", "burst": "5"}, "udpserver", "udpserver/python")
	for i, s := range r.Result.Servers {
		lost := s.Requests.Sent - s.Requests.Answered
		if s.Requests.Sent != 15 || s.Requests.Failed != lost || strings.Contains(s.Verdict, "lost") != (lost > 0) {
			t.Errorf("%s/%s: %+v: %s", s.ID, s.Language, s.Requests, s.Verdict)
		}
		if !s.Traced.Seen() {
			continue
		}
		sends := map[string]int{}
		for _, m := range r.Tracks[i].Marks {
			lane := r.Tracks[i].Lanes[m.Lane]
			if lane.Kind != "connection" {
				continue
			}
			if m.Call == "sendto" {
				sends[lane.Name] += m.Count
			}
			if m.State == recording.Queued {
				t.Errorf("%s/%s: %s waits to be accepted", s.ID, s.Language, lane.Name)
			}
		}
		if n := sends["burst 1"] + sends["burst 2"] + sends["burst 3"]; len(sends) != 3 || int64(n) != s.Syscalls["sendto"] {
			t.Errorf("%s/%s: sent %v, and in all %d", s.ID, s.Language, sends, s.Syscalls["sendto"])
		}
	}
}

// Servers of one protocol do not run against clients of another.
func TestProtocolsDoNotMix(t *testing.T) {
	for name, server := range map[string]string{"mail": "select", "one-slow": "mailserver", "datagrams": "tcpserver",
		"websocket": "wsgi", "laggard": "tcpserver"} {
		v, err := catalogue.Find(server)
		if err != nil {
			t.Fatal(err)
		}
		e, err := scenario.New(name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		e.Servers = []catalogue.Variant{v}
		_, err = New(Options{Root: ".."}).Run(t.Context(), e, nil)
		if err == nil || !strings.Contains(err.Error(), server+" does not speak what the clients of "+name+" speak") {
			t.Errorf("%s in %s: %v", server, name, err)
		}
	}
}
