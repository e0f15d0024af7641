package lab

import (
	"testing"

	"era/catalogue"
	"era/catalogue/installed"
)

// While slow clients hold all four workers, the fast ones wait; with nginx in front they do not, and no request is
// lost.
func TestNginxWaitsForSlowClients(t *testing.T) {
	// The slower the slow clients are, the less does a busy machine matter.
	servers := run(t, "trickle", map[string]string{"gap": "100ms"}, "wsgi-workers", "wsgi-nginx").Result.Servers
	if len(servers) < 2 {
		t.Skip("SKIPPED: nginx is not installed")
	}
	for _, s := range servers {
		if trickled, fast := s.PerGroup["trickle"].Requests, s.PerGroup["fast"].Requests; trickled.Failed+fast.Failed > 0 ||
			fast.Answered == 0 {
			t.Errorf("%s: %+v %+v: %s", s.ID, trickled, fast, s.Verdict)
		}
	}
	workers, nginx := servers[0].PerGroup["fast"].Latency, servers[1].PerGroup["fast"].Latency
	if 4*nginx.Max > workers.P50 {
		t.Errorf("the slowest of the fast clients waited %v ms with nginx in front, and half of them more than %v ms without", nginx.Max, workers.P50)
	}
}

// Apache's four processes each have one slow client, and no other client is served. nginx has all of them, and asks
// uWSGI when a request is complete.
func TestApacheAndUWSGIMeetSlowClients(t *testing.T) {
	var here []string
	for _, name := range []string{"apache/python", "nginx-uwsgi/python"} {
		v, err := catalogue.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := new(installed.Finder).All(v.Server.Needs); err == nil {
			here = append(here, name)
		}
	}
	if len(here) == 0 {
		t.Skip("SKIPPED: Apache with mod_wsgi is not installed, nor are nginx and uWSGI")
	}
	servers := run(t, "slow-clients", map[string]string{"slow": "4"}, here...).Result.Servers
	want := map[string]int{"apache": 0, "nginx-uwsgi": 20}
	for _, s := range servers {
		if slow, fast := s.PerGroup["slow"].Requests, s.PerGroup["fast"].Requests; slow.Answered != 4 ||
			fast.Answered != want[s.ID] {
			t.Errorf("%s: %+v %+v: %s", s.ID, slow, fast, s.Verdict)
		}
	}
}

// Third-party servers run in the lab like ours: with its limits, on the same traffic, and traced where they are one
// process.
func TestContestantsInTheLab(t *testing.T) {
	servers := run(t, "crowd", map[string]string{"clients": "20"}, "asgi", "uvicorn/python",
		"gunicorn/python").Result.Servers
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
