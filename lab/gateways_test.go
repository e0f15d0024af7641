package lab

import (
	"regexp"
	"strconv"
	"testing"

	"era/lab/recording"
)

// Streams hold threads and worker processes, and those who come meanwhile are not answered; with a thread for each
// client, or none, they are.
func TestStream(t *testing.T) {
	for _, s := range run(t, "stream", nil, "wsgi", "wsgi-workers", "wsgiref/python", "asgi", "asgi-goroutines", "asgi/python").Result.Servers {
		readers, fast := s.PerGroup["readers"], s.PerGroup["fast"]
		if readers.Requests.Answered != 6 || readers.FirstByte == nil || readers.FirstByte.P50 > readers.Latency.P50/2 {
			t.Errorf("%s/%s: %+v: %s", s.ID, s.Language, readers, s.Verdict)
		}
		if held := s.ID == "wsgi" || s.ID == "wsgi-workers"; held {
			wantWords(t, s, "began 4 of 6 streams at once", "answered 0 of 20 fast clients: they gave up waiting")
		} else if fast.Requests.Answered != 20 {
			t.Errorf("%s/%s: %s", s.ID, s.Language, s.Verdict)
		}
	}
}

// The sum of each body is right, however it came. Four who send slowly hold four threads.
func TestUpload(t *testing.T) {
	servers := map[string][]string{"0": {"wsgi", "wsgi-workers", "wsgiref/python", "asgi", "asgi-goroutines", "asgi/python"},
		"1": {"wsgi", "asgi", "asgi-goroutines", "asgi/python"}} // wsgiref reads no chunks
	for chunks, names := range servers {
		for _, s := range run(t, "upload", map[string]string{"chunks": chunks, "size": "256KiB"}, names...).Result.Servers {
			quick := 20
			if s.ID == "wsgi" || s.ID == "wsgi-workers" {
				quick = 0
			}
			if s.PerGroup["slow"].Requests.Answered != 4 || s.PerGroup["quick"].Requests.Answered != quick {
				t.Errorf("%s/%s, chunks %s: %s", s.ID, s.Language, chunks, s.Verdict)
			}
			wantWords(t, s, "gave the right sum for each")
		}
	}
}

// All hear all, in order. Who only listens has no part in the result's counts.
func TestWebSocket(t *testing.T) {
	r := run(t, "websocket", map[string]string{"talkers": "4", "listeners": "5", "messages": "6"}, "asgi", "asgi-goroutines", "asgi/python")
	for i, s := range r.Result.Servers {
		if s.Requests != (recording.Requests{Sent: 24, Answered: 24}) || len(s.PerGroup) != 1 {
			t.Errorf("%s/%s: %+v in %d groups", s.ID, s.Language, s.Requests, len(s.PerGroup))
		}
		wantWords(t, s, "9 members heard 216 of 216 messages, those of each talker in their order")
		for _, m := range r.Tracks[i].Marks {
			if lane := r.Tracks[i].Lanes[m.Lane]; lane.Group == "listeners" && lane.Kind == "connection" && m.State == recording.Unanswered {
				t.Fatalf("%s/%s: %s waits for a reply that nobody owes it", s.ID, s.Language, lane.Name)
			}
		}
	}
}

// Middleware that collects a body gives nothing until all is made.
func TestC5_9_Buffering(t *testing.T) {
	servers := byID(run(t, "buffering", map[string]string{"n": "6"}, "collecting", "passing-on"))
	wantWords(t, servers["collecting"][0], "something came once, with all of it")
	wantWords(t, servers["passing-on"][0], "something came 6 times")
	first := func(id string) float64 { return servers[id][0].PerGroup["readers"].FirstByte.P50 }
	if first("passing-on") > first("collecting")/5 {
		t.Errorf("%s\n%s", servers["collecting"][0].Verdict, servers["passing-on"][0].Verdict)
	}
}

// C6.8: an application that awaits send is held by a client who does not read; one that queues runs ahead, in memory.
func TestC6_8_StalledReader(t *testing.T) {
	servers := byID(run(t, "stalled-reader", nil, "queueing", "awaiting-send"))
	fetched := func(id string) int {
		found := regexp.MustCompile(`fetched (\d+) of them`).FindStringSubmatch(servers[id][0].Verdict)
		if found == nil {
			t.Fatal(servers[id][0].Verdict)
		}
		n, _ := strconv.Atoi(found[1])
		return n
	}
	queueing, awaiting := servers["queueing"][0], servers["awaiting-send"][0]
	if fetched("awaiting-send") > fetched("queueing")/2 || queueing.RSSKBMax-awaiting.RSSKBMax < 10<<10 {
		t.Errorf("%s\n%s", queueing.Verdict, awaiting.Verdict)
	}
	if queueing.Requests.Answered != 1 || awaiting.Requests.Answered != 1 {
		t.Errorf("%+v, %+v", queueing.Requests, awaiting.Requests)
	}
}

// In a room that sends to each in turn, one who does not read silences all. In one with outboxes the others hear
// everything, and the one is told to come back later.
func TestLaggard(t *testing.T) {
	servers := byID(run(t, "laggard", nil, "in-turn", "asgi", "asgi-goroutines", "asgi/python"))
	silenced := servers["in-turn"][0]
	wantWords(t, silenced, "nobody had asked it to leave")
	if silenced.Requests.Answered > 240 {
		t.Error(silenced.Verdict)
	}
	for _, s := range append(servers["asgi"], servers["asgi-goroutines"]...) {
		wantWords(t, s, "the server's goodbye, with the code 1013")
		if s.Requests.Answered <= silenced.Requests.Answered {
			t.Errorf("%s\n%s", silenced.Verdict, s.Verdict)
		}
	}
}
