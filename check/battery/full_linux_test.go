package battery

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"era/catalogue"
	"era/internal/hang"
)

// TestNoRoomNoRush: while no descriptor is free for new clients, the connected ones are served as before, and the log
// does not grow with every request.
func TestNoRoomNoRush(t *testing.T) {
	const limit, requests = 32, 1000
	v, err := catalogue.Find("wsgi")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, v, "127.0.0.1:1", limit)
	in := dial(t, s)
	in.send(get("/"))
	in.want(hello)
	for range limit {
		dial(t, s)
	}
	hang.Await(t, "all descriptors to be taken", func() string {
		if n, _ := s.descriptors(t); n < limit {
			return fmt.Sprintf("%d of %d", n, limit)
		}
		return ""
	})
	for range requests {
		in.send(get("/"))
		in.want(hello)
	}
	if n := strings.Count(s.stderr.String(), "accept:"); n == 0 || n > requests/20 {
		t.Errorf("%d lines in the log, for %d requests", n, requests)
	}
}

// TestNoRoomNoSpin: while no descriptor is free, a failed accept is not repeated at once. Each failure is a line in the
// log, and between two of them are ten milliseconds or more, however busy the machine is.
func TestNoRoomNoSpin(t *testing.T) {
	for _, name := range []string{"wsgiref/python", "threads/python", "threads"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const limit, failures = 32, 20
			v, err := catalogue.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, v, "127.0.0.1:1", limit)
			begun := time.Now()
			for range limit {
				dial(t, s)
			}
			n := 0
			hang.Await(t, "accept to fail", func() string {
				if n = strings.Count(s.stderr.String(), "accept: "); n < failures {
					return fmt.Sprintf("%d lines in the log", n)
				}
				return ""
			})
			if most := int(time.Since(begun)/(10*time.Millisecond)) + 1; n > most {
				t.Errorf("accept failed %d times, want at most %d with a wait after each", n, most)
			}
		})
	}
}
