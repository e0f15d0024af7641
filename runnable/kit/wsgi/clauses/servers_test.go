//go:build linux || darwin

package clauses

import (
	"os/exec"
	"strings"
	"testing"

	"era/check/servertest"
)

// contestant is a server under test. flags are the wanted values of its three flags.
type contestant struct {
	name, flags string
	start       func(t *testing.T) (addr, version string, pinned bool)
}

// servers are our two with the applications in Go, and other servers with the same applications in Python. All have one
// process.
var servers = []contestant{
	{"threads", "threads true, processes false", ours("threads")},
	{"workers", "threads false, processes true", ours("workers")},
	{"wsgiref", "threads false, processes false", python("wsgiref", false, "under_wsgiref.py")},
	{"book", "threads true, processes false", python("wsgiref", false, "under_ours.py")},
	{"gunicorn sync", "threads false, processes false", python("gunicorn", true, append(gunicorn, "sync")...)},
	{"gunicorn gthread", "threads true, processes false",
		python("gunicorn", true, append(gunicorn, "gthread", "--threads", "4")...)},
	{"uwsgi", "threads false, processes false", uwsgi},
}

// seen are the versions that have the differences. wsgiref has hardly changed in ten years: any.
var seen = map[string]string{"gunicorn": "gunicorn 20.1.0", "uwsgi": "2.0.21-debian"}

var gunicorn = []string{"-m", "gunicorn", "apps:application", "--bind", "127.0.0.1:0", "--workers", "1", "--log-level",
	"info", "--worker-class"}

// ours starts one of the models.
func ours(name string) func(t *testing.T) (string, string, bool) {
	return func(t *testing.T) (addr, version string, pinned bool) {
		addr, _ = serve(t, models[name]())
		return addr, "ours", true
	}
}

// python starts a server in the first Python that has it. A wanted server must be installed if CI=true.
func python(module string, wanted bool, args ...string) func(t *testing.T) (string, string, bool) {
	return func(t *testing.T) (addr, version string, pinned bool) {
		interpreter, version := servertest.Python(module)
		if interpreter == "" {
			servertest.Missing(t, wanted, module)
		}
		servertest.DependsOn(t, "testdata")
		p := servertest.Server(t, "testdata", nil, append([]string{interpreter}, args...)...)
		if p.Addr == "" {
			t.Fatal(p.Said())
		}
		return p.Addr, version, seen[module] == "" || seen[module] == version
	}
}

// uwsgi starts uWSGI, whose Python support is a plugin in Debian's package and built in elsewhere.
func uwsgi(t *testing.T) (addr, version string, pinned bool) {
	said, err := exec.Command("uwsgi", "--version").Output()
	if err != nil {
		servertest.Missing(t, false, "uwsgi")
	}
	version = strings.TrimSpace(string(said))
	args := []string{"uwsgi"}
	if strings.HasSuffix(version, "-debian") {
		args = append(args, "--plugin", "python3")
	}
	args = append(args, "--http-socket", "127.0.0.1:0", "--wsgi-file", "apps.py", "--need-app", "--die-on-term")
	p := servertest.Server(t, "testdata", nil, args...)
	if p.Addr == "" {
		t.Skipf("SKIPPED: uwsgi does not start here: %s", p.Said())
	}
	return p.Addr, version, version == seen["uwsgi"]
}
