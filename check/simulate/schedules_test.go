package simulate

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const script = `backend 127.0.0.1:8081 20000000
client slow 127.0.0.1:8080 0
send "GET / HTTP/1.1\r\nHo"
pause 1000000000
send "st: x\r\n\r\n"
receive 1
client fast 127.0.0.1:8080 1000000
send "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /ask?2 HTTP/1.1\r\nHost: x\r\n\r\n"
receive 2
client asks 127.0.0.1:8080 2000000
send "GET /ask?1 HTTP/1.1\r\nHost: x\r\n\r\n"
receive 1
`

// answers are the bodies that each client must get, in this order.
var answers = map[string][]string{"slow": {"hello\n"}, "fast": {"hello\n", "2\n"}, "asks": {"1\n"}}

var servers = []string{"blocking", "blocking/threads", "nonblocking", "select", "select/threads", "epoll", "epoll/poll",
	"epoll/edge", "callbacks", "coroutines", "asyncawait"}

// load compiles a server.
func load(t *testing.T, folder string) *Program {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "server.wasm")
	if err := Build(t.Context(), root, "runnable/"+folder, file); err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(t.Context()) })
	return p
}

// calm lets a run end as on a calm machine, and returns what happened. When all clients have ended and time has passed
// a few times, a server may go on looking.
func (i *Instance) calm() (taken []string, err error) {
	passed := 0
	for range 20_000 {
		next := i.Next()
		if next == "k" && !slices.ContainsFunc(i.Clients(), func(c Client) bool { return !c.Ended }) {
			passed++
		}
		if next == "" || passed > 5 {
			return taken, i.Ended
		}
		taken = append(taken, next)
		if _, err := i.Take(next); err != nil {
			return taken, err
		}
	}
	return taken, fmt.Errorf("it goes on and on")
}

// wrong says what is wrong at the end of a run in which some clients were reset.
func (i *Instance) wrong(files int, reset map[string]bool) string {
	for _, c := range i.Clients() {
		for n, reply := range c.Replies {
			_, body, _ := strings.Cut(reply, "\r\n\r\n")
			if n >= len(answers[c.Name]) || body != answers[c.Name][n] {
				return fmt.Sprintf("%s: reply %d is %q", c.Name, n, reply)
			}
		}
		if !reset[c.Name] && (c.Answered != c.Want || c.Failed != "") {
			return fmt.Sprintf("%s has %d of %d replies: %s", c.Name, c.Answered, c.Want, c.Failed)
		}
	}
	if n := i.Files(); n != files {
		return fmt.Sprintf("%d descriptors are open, %d were before the first client came", n, files)
	}
	return ""
}

var schedules = flag.Int("schedules", 5, "how many random schedules each server runs through")

// TestSchedules runs each server through random schedules with faults: what is sent arrives byte by byte and late,
// writes take one byte, signals interrupt waits, clients reset. Each answer must be right, none may be missing, and no
// descriptor may stay open.
func TestSchedules(t *testing.T) {
	for _, folder := range servers {
		t.Run(folder, func(t *testing.T) {
			p := load(t, folder)
			i, err := p.Start(t.Context(), script, "-addr", "127.0.0.1:8080", "-backend", "127.0.0.1:8081")
			if err != nil {
				t.Fatal(err)
			}
			for i.Files() < 3 || !strings.Contains(i.Next(), "c") { // until it listens, and the first client may come
				if _, err := i.Take(i.Next()); err != nil {
					t.Fatal(err)
				}
			}
			files := i.Files()
			begin := i.Snapshot()
			began, steps := time.Now(), 0
			for seed := range uint64(*schedules) {
				i.Restore(begin)
				r := rand.New(rand.NewPCG(seed, 14))
				var taken []string
				reset := map[string]bool{}
				for range 30 + r.IntN(150) {
					choices := i.Choices()
					if len(choices) == 0 {
						break
					}
					c := choices[r.IntN(len(choices))]
					if r.IntN(10) > 3 {
						c.Take = i.Next()
					}
					if c.Take == "" || c.Take[0] == 'x' && r.IntN(4) > 0 {
						continue
					}
					if c.Take[0] == 'x' {
						reset[[]string{"slow", "fast", "asks"}[c.Take[1]-'1']] = true
					}
					taken = append(taken, c.Take)
					if _, err := i.Take(c.Take); err != nil {
						t.Fatalf("seed %d, %s: %v", seed, strings.Join(taken, " "), err)
					}
				}
				rest, err := i.calm()
				steps += len(taken) + len(rest)
				if err != nil {
					t.Fatalf("seed %d, %s: %v", seed, strings.Join(taken, " "), err)
				}
				if wrong := i.wrong(files, reset); wrong != "" {
					t.Errorf("seed %d, %s: %s\n%s", seed, strings.Join(slices.Concat(taken, rest), " "), wrong, i.Threads())
					break
				}
			}
			took := time.Since(began)
			t.Logf("%d schedules, %d steps, %v a step, %.0f schedules a second", *schedules, steps,
				took/time.Duration(max(steps, 1)), float64(*schedules)/took.Seconds())
		})
	}
}
