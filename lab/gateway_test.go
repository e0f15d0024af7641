package lab

import (
	"runtime"
	"testing"
)

// A client that types slowly holds a worker process from the first byte on. With as many such clients as workers no
// other client is answered; with one fewer, all are. Where half a head waits in a list, it holds no worker.
func TestSlowClients(t *testing.T) {
	// The lab looks at the holders, and the fast clients come, well before the slow ones are done.
	settings := map[string]string{"slow": "4", "hold": "3s"}
	for _, s := range run(t, "slow-clients", settings, "wsgi-workers", "wsgi", "asgi", "asgi/python",
		"blocking").Result.Servers {
		answered, want := s.PerGroup["fast"].Requests.Answered, 20
		switch s.ID {
		case "wsgi-workers":
			want = 0
			if runtime.GOOS == "linux" {
				wantWords(t, s, "it held 4 connections, in 4 processes, and not one of a fast client")
			}
		case "blocking":
			want = 0
			if runtime.GOOS == "linux" {
				wantWords(t, s, "it held 1 connection, and not one of a fast client")
			}
		}
		if answered != want || s.PerGroup["slow"].Requests.Answered != 4 {
			t.Errorf("fast ones answered: %d, want %d: %s", answered, want, s.Verdict)
		}
	}
	settings["slow"] = "3"
	for _, s := range run(t, "slow-clients", settings, "wsgi-workers").Result.Servers {
		if got := s.PerGroup["fast"].Requests.Answered; got != 20 {
			t.Errorf("fast ones answered: %d, want 20: %s", got, s.Verdict)
		}
	}
}

// Each client that leaves leaks a connection to the database, unless the middleware passes close on. With five gone no
// client is served any more; one is enough for clients that come one after the other.
func TestC5_7_MissingClose(t *testing.T) {
	servers := byID(run(t, "missing-close", nil, inBoth("missing-close", "closing")...))
	for i, s := range servers["missing-close"] {
		wantWords(t, s, `answered 0 of 10 polite clients: they met "status 503"`, "at the end 5 connections to the database were still open")
		cure := servers["closing"][i]
		wantWords(t, cure, "at the end no connection to the database was open")
		if s.PerGroup["polite"].Requests.Answered != 0 || cure.PerGroup["polite"].Requests.Answered != 10 {
			t.Errorf("want 0 polite clients answered, and 10 with the cure:\n%s\n%s", s.Verdict, cure.Verdict)
		}
	}
	// As many clients as there are connections left: on a busy machine they may all be there at once.
	for _, s := range run(t, "missing-close", map[string]string{"leavers": "1", "clients": "4"},
		inBoth("missing-close")...).Result.Servers {
		wantWords(t, s, "answered 4 of 4 polite clients", "at the end 1 connection to the database was still open")
	}
}

// A client can tell a half from the whole only if the reply does not end as a whole one does. There are as many clients
// as the database has connections: on a busy machine they may all be there at once, and a sixth would be refused.
func TestAfterTheFirstChunk(t *testing.T) {
	servers := byID(run(t, "after-first-chunk", map[string]string{"broken": "3", "whole": "2"},
		inBoth("half-for-whole", "whole-or-nothing")...))
	for _, s := range servers["half-for-whole"] {
		wantWords(t, s, "of 3 clients whose rows broke off, 3 took the half for the whole", "answered 2 of 2 others")
	}
	for _, s := range servers["whole-or-nothing"] {
		met := `"closed by the server before the reply was complete"`
		if s.Language == "python" {
			met = `"reset by the server"`
		}
		wantWords(t, s, "0 took the half for the whole, and 3 knew: they met "+met, "answered 2 of 2 others")
	}
}

// An async handler that makes a blocking call holds up all clients; on a thread, the call holds up no other client.
func TestASGIBlockingCall(t *testing.T) {
	servers := byID(run(t, "blocking-call", map[string]string{"delay": "300ms"},
		inBoth("asgi-blocking-call", "asgi-in-thread")...))
	for i, s := range servers["asgi-blocking-call"] {
		wantWords(t, s, "it sat in read(fd ", "never had more than one question at a time")
		cure := servers["asgi-in-thread"][i]
		wantWords(t, cure, "backend had up to 3 questions at once, from 3 threads beside the loop's")
		if 5*cure.PerGroup["fast"].Latency.P50 > s.PerGroup["fast"].Latency.P50 {
			t.Errorf("the median of the fast ones: %v ms, and %v with the cure, want a fifth at most:\n%s\n%s",
				s.PerGroup["fast"].Latency.P50, cure.PerGroup["fast"].Latency.P50, s.Verdict, cure.Verdict)
		}
	}
}

// What is in flight is answered by a server that handles the signal, and lost by one that does not. Worker processes
// answer the requests that they have; what waits in the listen queue was never theirs.
func TestShutdown(t *testing.T) {
	r := run(t, "shutdown", map[string]string{"clients": "20", "newcomers": "10", "delay": "1s"},
		"goroutines", "asgi", "asgi-goroutines", "asgi/python", "wsgi", "wsgi-workers")
	for _, s := range r.Result.Servers {
		want := map[string]int{"goroutines": 0, "wsgi-workers": 4}
		answered, few := want[s.ID]
		if !few {
			answered = 20
		}
		// A server that gets the signal late accepts one or two.
		if s.PerGroup["in-flight"].Requests.Answered != answered || s.PerGroup["newcomers"].Requests.Answered > 5 {
			t.Errorf("want %d requests in flight answered, and 5 newcomers at most: %s", answered, s.Verdict)
		}
		if s.Told == nil || s.Told.TookMS <= 0 {
			t.Fatalf("%s: told %+v: %s", s.ID, s.Told, s.Verdict)
		}
		if s.ID == "goroutines" {
			wantWords(t, s, "the signal itself ended it (terminated)", `"connection refused"`)
			continue
		}
		wantWords(t, s, "ended by itself after", "with exit status 0")
		if last := s.PerGroup["in-flight"].Latency.Max; s.Told.AtMS+s.Told.TookMS < last {
			t.Errorf("%s ended before its last reply, which took %v ms: %+v", s.ID, last, s.Told)
		}
	}
}

// A server that dies before it gets the signal has crashed, and the verdict says so.
func TestToldTooLate(t *testing.T) {
	x := &side{watched: watched{diedAt: 5}}
	x.terminate()
	if x.ending() != nil {
		t.Errorf("told: %+v", x.ending())
	}
}
