package lab

import (
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"testing"

	"era/lab/recording"
	"era/lab/verdict"
)

// Streams hold threads and worker processes, and clients that come meanwhile are not answered; with a thread for each
// client, or with none at all, they are.
func TestStream(t *testing.T) {
	for _, s := range run(t, "stream", nil, "wsgi", "wsgi-workers", "wsgiref/python", "asgi", "asgi-goroutines",
		"asgi/python").Result.Servers {
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

// The sum of each body is right, however it came. Four clients that send slowly hold four threads.
func TestUpload(t *testing.T) {
	servers := map[string][]string{"0": {"wsgi", "wsgi-workers", "wsgiref/python", "asgi", "asgi-goroutines",
		"asgi/python"},
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

// All members hear everything, in order. Members that only listen are not in the result's counts.
func TestWebSocket(t *testing.T) {
	r := run(t, "websocket", map[string]string{"talkers": "4", "listeners": "5", "messages": "6"}, "asgi",
		"asgi-goroutines", "asgi/python")
	for i, s := range r.Result.Servers {
		if s.Requests != (recording.Requests{Sent: 24, Answered: 24}) || len(s.PerGroup) != 1 {
			t.Errorf("%s/%s: %+v in %d groups", s.ID, s.Language, s.Requests, len(s.PerGroup))
		}
		wantWords(t, s, "9 members heard 216 of 216 messages, those of each talker in their order")
		for _, m := range r.Tracks[i].Marks {
			if lane := r.Tracks[i].Lanes[m.Lane]; lane.Group == "listeners" && lane.Kind == "connection" &&
				m.State == recording.Unanswered {
				t.Fatalf("%s/%s: %s waits for a reply that it did not ask for", s.ID, s.Language, lane.Name)
			}
		}
	}
}

// Middleware that collects a body sends nothing until all of it is made.
func TestC5_9_Buffering(t *testing.T) {
	servers := byID(run(t, "buffering", map[string]string{"n": "12", "ms": "150ms"},
		inBoth("collecting", "passing-on")...))
	for i, s := range servers["collecting"] {
		cure := servers["passing-on"][i]
		wantWords(t, s, "something came once, with all of it")
		wantWords(t, cure, "something came 12 times")
		if cure.PerGroup["readers"].FirstByte.P50 > s.PerGroup["readers"].FirstByte.P50/5 {
			t.Errorf("the median of the first bytes: %v ms, and %v with the cure, want a fifth at most:\n%s\n%s",
				s.PerGroup["readers"].FirstByte.P50, cure.PerGroup["readers"].FirstByte.P50, s.Verdict, cure.Verdict)
		}
	}
}

// C6.8: an application that awaits send is held by a client that does not read; one that queues runs ahead, in memory.
func TestC6_8_StalledReader(t *testing.T) {
	servers := byID(run(t, "stalled-reader", nil, inBoth("queueing", "awaiting-send")...))
	fetched := func(s verdict.Server) int {
		found := regexp.MustCompile(`fetched (\d+) of them`).FindStringSubmatch(s.Verdict)
		if found == nil {
			t.Fatalf("want the number of pieces fetched, got %q", s.Verdict)
		}
		n, _ := strconv.Atoi(found[1]) // the pattern allows only digits
		return n
	}
	for i, s := range servers["queueing"] {
		cure := servers["awaiting-send"][i]
		if fetched(cure) > fetched(s)/2 || s.RSSKBMax-cure.RSSKBMax < 8<<10 { // of 25 MiB, the kernel's buffers hold some
			t.Errorf("want half of it fetched at most with the cure, and 8 MiB less in memory, got %d KB and %d KB:\n%s\n%s",
				s.RSSKBMax, cure.RSSKBMax, s.Verdict, cure.Verdict)
		}
		if s.Requests.Answered != 1 || cure.Requests.Answered != 1 {
			t.Errorf("want one request answered by each, got %+v, %+v", s.Requests, cure.Requests)
		}
	}
}

// In a room that sends to each member in turn, one that does not read silences all. In a room with outboxes the others
// hear everything, and the slow one is asked to come back later.
func TestLaggard(t *testing.T) {
	servers := byID(run(t, "laggard", nil, "in-turn", "in-turn/python", "asgi", "asgi-goroutines", "asgi/python"))
	most := 0
	for _, s := range servers["in-turn"] {
		wantWords(t, s, "the server had not asked it to leave")
		if most = max(most, s.Requests.Answered); s.Requests.Answered > 240 {
			t.Errorf("want 240 answered at most: %s", s.Verdict)
		}
	}
	for _, s := range append(servers["asgi"], servers["asgi-goroutines"]...) {
		wantWords(t, s, "the server's goodbye, with the code 1013")
		if s.Requests.Answered <= most {
			t.Errorf("%s: as few as where all wait for one", s.Verdict)
		}
	}
}

// A bridge gives an application threads to wait on, as many as the loop's pool has (aio.RunInThread), and no more.
func TestC6_16_Bridge(t *testing.T) {
	servers := byID(run(t, "crowd", map[string]string{"clients": "40", "delay": "400ms"}, "micro", "micro-bridged",
		"toolkit"))
	for id, atOnce := range map[string]int{"micro": 4, "micro-bridged": min(32, runtime.NumCPU()+4), "toolkit": 40} {
		for _, s := range servers[id] {
			if s.Requests.Answered != 40 {
				t.Errorf("want 40 answered: %s", s.Verdict)
			}
			wantWords(t, s, fmt.Sprintf("the backend had up to %d questions at once", atOnce))
		}
	}
}
