package lab

import (
	"os"
	"testing"

	"era/lab/process"
)

// The test binary is the supervisor of the servers that the tests start.
func TestMain(m *testing.M) {
	process.MaybeSupervise()
	os.Exit(m.Run())
}

func TestOneSlow(t *testing.T) {
	r := run(t, "one-slow", map[string]string{"pause": "600ms"}, "blocking", "threads", "nonblocking", "select", "selectthreads")
	for _, s := range r.Result.Servers {
		want := 20
		if s.ID == "blocking" {
			want = 0
		}
		if got := s.PerGroup["fast"].Requests.Answered; got != want {
			t.Errorf("%s answered %d fast clients, want %d: %s", s.ID, got, want, s.Verdict)
		}
		t.Log(s.Verdict)
	}
}
