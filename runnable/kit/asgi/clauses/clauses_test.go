//go:build linux || darwin

package clauses

import (
	"testing"

	"era/runnable/kit/internal/ledger"
)

// exchange is a case: a talk with a server, and the result that a clause of the specification demands. Where it says
// "may", "should" or nothing, want is the result of our servers.
type exchange struct {
	clause, what string
	talk         func(t *testing.T, s *server) string
	want         string
}

// notHere is returned by a talk that needs something that is not installed.
const notHere = "not here"

// one returns a talk of one request and its reply.
func one(request string) func(*testing.T, *server) string {
	return func(t *testing.T, s *server) string { return s.ask(t, request) }
}

// TestClauses runs the same applications with the same client on all servers. Known differences of third-party servers
// are in differences.
func TestClauses(t *testing.T) {
	ledger := ledger.New(differences)
	t.Run("on", func(t *testing.T) { // ends when all of its subtests have
		for _, c := range servers {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel() // some wait a long time for something that never comes
				battery(t, c, ledger)
			})
		}
	})
	t.Logf("ASGI, cases by clause (as wanted + differing):\n%s", ledger.Table())
}

func battery(t *testing.T, c contestant, ledger *ledger.Ledger) {
	python, version := c.find(t)
	t.Log(version)
	page := ledger.Page(c.name, c.ours() || version == c.seen)
	s := c.start(t, python, "")
	if s.addr == "" {
		_, said := s.over()
		t.Fatal(said)
	}
	for _, cases := range [][]exchange{requests, responses, sockets, ends} {
		for _, x := range cases {
			t.Run(x.clause+" "+x.what, func(t *testing.T) {
				got := x.talk(t, s)
				if got == notHere {
					page.Leave(x.clause)
					t.Skip("SKIPPED: asgiref, the bridge for Python, is not installed where this server is")
				}
				page.Check(t, x.clause, x.what, got, x.want)
			})
		}
	}
	for _, x := range lives {
		t.Run(x.clause+" "+x.what, func(t *testing.T) {
			page.Check(t, x.clause, x.what, x.talk(t, c.start(t, python, x.lifespan)), x.want)
		})
	}
	page.Done(t)
	ledger.Covered(t, c.name, "C6.", 18)
}
