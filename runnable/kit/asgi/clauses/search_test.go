//go:build linux || darwin

package clauses

import (
	"strings"
	"testing"
)

// TestSearch: runs the first program of the chapter, as readers copy it. An answer prints nothing, a failure reaches
// the server, and the search ends when the client leaves.
func TestSearch(t *testing.T) {
	for _, c := range servers {
		if c.name != "python" && !strings.HasPrefix(c.name, "uvicorn") {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			python, _ := c.find(t)
			s := c.start(t, python, "")
			for query, want := range map[string]string{"x": "200 OK: found x", "fails": "500"} {
				if said := s.ask(t, get("/search?"+query)); said != want {
					t.Errorf("%s: %s, want %s", query, said, want)
				}
			}
			leaver := s.dial(t)
			leaver.say(get("/search?waits"))
			if notes, want := s.notes(t, 1), "searching"; notes != want {
				t.Errorf("got %q, want %q", notes, want)
			}
			leaver.Close()
			if notes, want := s.notes(t, 2), "{'type': 'http.disconnect'}; given up"; notes != want {
				t.Errorf("got %q, want %q", notes, want)
			}
			s.stop()
			if _, said := s.over(); strings.Count(said, "ValueError: no index") != 1 ||
				strings.Contains(said, "never retrieved") {
				t.Errorf("the server wrote %q", said)
			}
		})
	}
}
