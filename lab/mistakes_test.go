package lab

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"era/lab/verdict"
)

// inBoth returns the names of the servers in Go and Python.
func inBoth(ids ...string) (names []string) {
	for _, id := range ids {
		names = append(names, id, id+"/python")
	}
	return names
}

// byID groups the results of a run: those in Go and in Python under one name.
func byID(r outcome) map[string][]verdict.Server {
	all := map[string][]verdict.Server{}
	for _, s := range r.Result.Servers {
		all[s.ID] = append(all[s.ID], s)
	}
	return all
}

func wantWords(t *testing.T, s verdict.Server, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(s.Verdict, w) {
			t.Errorf("%s/%s: no %q in %q", s.ID, s.Language, w, s.Verdict)
		}
	}
}

// Clients on the same loop wait for a call that blocks; in a thread, it holds up no other client.
func TestC4_20_BlockingCall(t *testing.T) {
	servers := byID(run(t, "blocking-call", map[string]string{"delay": "300ms"},
		inBoth("blocking-call", "blocking-in-thread", "asyncawait")...))
	for i, s := range servers["blocking-call"] {
		wantWords(t, s, "it sat in read(fd ", "never had more than one question at a time")
		for _, cure := range []string{"blocking-in-thread", "asyncawait"} {
			c := servers[cure][i]
			if c.PerGroup["fast"].Requests.Answered != 20 || 5*c.PerGroup["fast"].Latency.P50 > s.PerGroup["fast"].Latency.P50 {
				t.Errorf("the median of the fast ones: %v ms, and %v with the cure, want a fifth at most, and 20 answered:\n%s\n%s",
					s.PerGroup["fast"].Latency.P50, c.PerGroup["fast"].Latency.P50, s.Verdict, c.Verdict)
			}
			wantWords(t, c, "questions at once")
		}
		wantWords(t, servers["blocking-in-thread"][i], "threads beside the loop's")
	}
}

// Python's coroutine never begins; Go's task begins, and its answer reaches no client. A handler that awaits has the
// line.
func TestC4_3_ForgottenAwait(t *testing.T) {
	servers := byID(run(t, "forgotten-await", map[string]string{"clients": "8"},
		inBoth("forgotten-await", "asyncawait")...))
	for _, s := range servers["forgotten-await"] {
		wantWords(t, s, "replied to 8 of 8 clients, and 8 of the replies lack the backend's line")
		if s.Requests.Answered != 0 || s.Requests.Failed != 8 {
			t.Errorf("got %+v, want 8 failed", s.Requests)
		}
		if s.Language == "python" {
			wantWords(t, s, "<coroutine object ask", "The backend was asked nothing")
		} else {
			wantWords(t, s, "in its place stands nothing", "asked 8 times, and 8 answers reached no client")
		}
	}
	for _, s := range servers["asyncawait"] {
		if s.Requests.Answered != 8 {
			t.Errorf("want 8 answered: %s", s.Verdict)
		}
	}
}

// C4.17: without drain the memory grows by what the client does not read; with drain, no more requests are taken.
func TestC4_18_SlowConsumer(t *testing.T) {
	servers := byID(run(t, "slow-consumer", nil, inBoth("no-drain", "with-drain")...))
	for i, s := range servers["no-drain"] {
		cure := servers["with-drain"][i]
		if careless, careful := taken(s), taken(cure); careful > careless/2 {
			t.Errorf("%s: without drain %d of the requests were taken, with it %d", s.Language, careless, careful)
		}
		if s.Requests.Answered != 100 || cure.Requests.Answered != 100 {
			t.Errorf("%+v, %+v", s.Requests, cure.Requests)
		}
		if more := s.RSSKBMax - cure.RSSKBMax; more < 10<<10 { // of 25 MiB, the kernel's buffers hold some
			t.Errorf("%s: %d KB without drain, %d KB with it", s.Language, s.RSSKBMax, cure.RSSKBMax)
		}
		if s.Language == "go" {
			wantWords(t, s, "its buffer passed the high-water mark")
		}
	}
}

// taken returns how many requests the verdict says were taken; on a busy machine, not all of them may come in time.
func taken(s verdict.Server) int {
	found := regexp.MustCompile(`took (all|\d+) of the requests`).FindStringSubmatch(s.Verdict)
	if found == nil {
		return 0
	}
	if n, err := strconv.Atoi(found[1]); err == nil {
		return n
	}
	return 100 // all
}

// C4.11: gather fails with the first and lets the others run on; a task group cancels them.
func TestC4_12_FanOut(t *testing.T) {
	servers := byID(run(t, "fan-out", map[string]string{"delay": "500ms"}, inBoth("gather", "task-group")...))
	for i, s := range servers["gather"] {
		wantWords(t, s, "told 5 of 5 clients that there is no answer", "Of 15 questions, 5 failed, and 10 ran on")
		wantWords(t, servers["task-group"][i], "told 5 of 5 clients that there is no answer",
			"Of 15 questions, 5 failed, and 10 were called off")
	}
}

// A timeout whose cancellation is swallowed comes late, and has no effect.
func TestC4_13_SwallowedTimeout(t *testing.T) {
	servers := byID(run(t, "swallowed-timeout", map[string]string{"delay": "500ms"},
		inBoth("swallowed-timeout", "kept-timeout")...))
	for i, s := range servers["swallowed-timeout"] {
		wantWords(t, s, "answered 5 of 5 clients", "though it gives the backend 100 ms",
			"asked the backend 10 times, and hung up on it 5 times")
		cure := servers["kept-timeout"][i]
		wantWords(t, cure, "told 5 of 5 clients that there is no answer", "asked the backend 5 times, and hung up on it 5 times")
		if cure.Requests.Failed != 5 {
			t.Errorf("%+v", cure.Requests)
		}
	}
}

// Level-triggered, a flood costs the others a few requests' work and not all of it. With an edge, a server that reads
// until nothing is left makes them wait for most of the flood, unless it takes turns. The number of replies to the
// flood that came first shows it, however busy the machine is.
func TestC2_9_EdgeStarvation(t *testing.T) {
	first := regexp.MustCompile(`waited for at most (\d+) repl`)
	for _, language := range []string{"", "/python"} {
		for _, s := range run(t, "edge-starvation", map[string]string{"requests": "400", "clients": "8"},
			"epoll"+language, "epoll-edge-drain"+language, "epoll-edge"+language).Result.Servers {
			if s.Requests.Failed != 0 {
				t.Errorf("want no request failed: %s", s.Verdict)
			}
			m := first.FindStringSubmatch(s.Verdict)
			if m == nil {
				t.Fatalf("want the number of replies that came first, got %q", s.Verdict)
			}
			n, err := strconv.Atoi(m[1])
			if starved := s.ID == "epoll-edge-drain"; err != nil || starved != (n > 100) {
				t.Errorf("%d replies of the flood came first, want more than 100: %v: %s", n, starved, s.Verdict)
			}
		}
	}
}

// A server that reads once for an edge gets no event for the rest: a request that takes two reads has no reply, and
// neither has the end of a flood. The other clients have theirs.
func TestC2_7_ReadingOnce(t *testing.T) {
	for _, s := range run(t, "edge-starvation", map[string]string{"requests": "100"},
		inBoth("epoll-edge-once")...).Result.Servers {
		if s.PerGroup["polite"].Requests.Answered != 20 || s.PerGroup["flood"].Requests.Failed == 0 {
			t.Errorf("want 20 polite clients answered, and some of the flood not: %s", s.Verdict)
		}
		wantWords(t, s, "of the flood and then no more, and never the one of 6,000 bytes")
	}
}
