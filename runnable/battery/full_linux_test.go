package battery

import (
	"fmt"
	"strings"
	"testing"

	"era/runnable"
)

// TestNoRoomNoRush: while no descriptor is free for those at the door, those who are in are served as before, and the log
// does not grow with every request.
func TestNoRoomNoRush(t *testing.T) {
	const limit, requests = 32, 1000
	v, err := runnable.Find("wsgi")
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
	await(t, "all descriptors to be taken", func() string {
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
