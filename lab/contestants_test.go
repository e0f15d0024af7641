package lab

import "testing"

// While slow clients hold all four workers, the fast ones wait; with nginx in front they do not, and nobody is lost.
func TestNginxWaitsForSlowClients(t *testing.T) {
	servers := run(t, "trickle", nil, "wsgi-workers", "wsgi-nginx").Result.Servers
	if len(servers) < 2 {
		t.Skip("SKIPPED: nginx is not installed")
	}
	for _, s := range servers {
		if trickled, fast := s.PerGroup["trickle"].Requests, s.PerGroup["fast"].Requests; trickled.Failed+fast.Failed > 0 || fast.Answered == 0 {
			t.Errorf("%s: %+v %+v: %s", s.ID, trickled, fast, s.Verdict)
		}
	}
	workers, nginx := servers[0].PerGroup["fast"].Latency, servers[1].PerGroup["fast"].Latency
	if 4*nginx.Max > workers.P50 {
		t.Errorf("the slowest of the fast clients waited %v ms with nginx in front, and half of them more than %v ms without", nginx.Max, workers.P50)
	}
}

// What others wrote runs in the lab like ours: below its limits, on the same traffic, and traced where it is one process.
func TestContestantsInTheLab(t *testing.T) {
	servers := run(t, "crowd", map[string]string{"clients": "20"}, "asgi", "uvicorn/python", "gunicorn/python").Result.Servers
	for _, s := range servers {
		if s.Requests.Answered != 20 || s.Requests.Failed != 0 {
			t.Errorf("%s answered %+v: %s", s.ID, s.Requests, s.Verdict)
		}
		if s.ID == "uvicorn" && s.Syscalls["accept"] < 20 {
			t.Errorf("%s: calls %v", s.ID, s.Syscalls)
		}
	}
	if len(servers) < 3 {
		t.Skip("SKIPPED: Uvicorn or Gunicorn is not installed")
	}
}
