//go:build linux

package audit_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"era/catalogue"
	"era/check/servertest"
	"era/internal/hang"
)

// peers are the servers that are compared, each with its peer. nginx and nethttp are not in the catalogue.
var peers = []struct {
	name    string
	against []string
}{
	{"nginx", nil},
	{"nethttp", nil},
	{"epoll/c", nil},
	{"asyncawait/python", nil},
	{"epoll", []string{"epoll/c"}},
	{"callbacks", []string{"nginx"}},
	{"coroutine", []string{"nginx"}},
	{"asyncawait", []string{"nethttp", "asyncawait/python"}},
	{"asgi/python", nil},
	{"uvicorn/python", nil},
	{"hypercorn/python", nil},
	{"asgi", []string{"nethttp", "asgi/python", "uvicorn/python", "hypercorn/python"}},
	{"asgi-goroutines", []string{"nethttp", "asgi/python", "uvicorn/python"}},
	{"goroutines", []string{"nethttp"}},
	{"gunicorn/python", nil},
	{"uwsgi/python", nil},
	{"wsgi", []string{"nethttp", "gunicorn/python", "uwsgi/python"}},
	{"flask/python", []string{"gunicorn/python"}},
	{"django/python", []string{"gunicorn/python"}},
	{"starlette/python", []string{"uvicorn/python"}},
	{"fastapi/python", []string{"uvicorn/python"}},
}

// BenchmarkPeers compares what a request for / costs a server in processor time, its own and the kernel's for it. 64
// connections are kept alive; each server has one processor, wrk another; all are measured in turns, so that whatever
// else the machine does meets all. It reports medians, and their ratio to the peer's.
//
//	go test ./check/audit -run '^$' -bench Peers -benchtime 1x
func BenchmarkPeers(b *testing.B) {
	servertest.Need(b, "wrk")
	const rounds = 5
	server, client := twoProcessors(b)
	commands, costs := map[string][]string{}, map[string][]float64{}
	for _, p := range peers {
		commands[p.name] = peer(b, p.name)
	}
	for range rounds {
		for name, argv := range commands {
			if argv != nil {
				costs[name] = append(costs[name], cost(b, argv, server, client))
			}
		}
	}
	for _, p := range peers {
		b.Run(p.name, func(b *testing.B) {
			if commands[p.name] == nil {
				b.Skipf("SKIPPED: %s is missing", p.name)
			}
			b.ReportMetric(0, "ns/op") // there is no single operation
			b.ReportMetric(median(costs[p.name]), "µs/req")
			for _, other := range p.against {
				if commands[other] != nil {
					b.ReportMetric(median(costs[p.name])/median(costs[other]), "of-"+other)
				}
			}
		})
	}
}

// peer returns the command that starts a server; nil if it is not installed.
func peer(b *testing.B, name string) (argv []string) {
	switch name {
	case "nginx":
		if _, err := exec.LookPath(name); err != nil {
			return nil
		}
		return nginx(b)
	case "nethttp":
		binary := filepath.Join(b.TempDir(), name)
		servertest.Run(b, "go", "build", "-o", binary, "./testdata/nethttp")
		return []string{binary}
	}
	v, err := catalogue.Find(name)
	if err != nil {
		b.Fatal(err)
	}
	if len(v.Server.Needs) > 0 {
		argv = contestant(b, v)
	} else {
		argv, _ = build(b, v, b.TempDir())
	}
	if argv == nil {
		return nil
	}
	return append(argv, "-addr", "127.0.0.1:0")
}

// contestant returns the command of a third-party server, at its best: uWSGI's threads each keep a connection, so there
// have to be as many, and Uvicorn without uvloop and httptools is another server.
func contestant(b *testing.B, v catalogue.Variant) (argv []string) {
	if v.Server.ID == "uvicorn" {
		v.Server.Needs = append(slices.Clone(v.Server.Needs), catalogue.Need{Module: "uvloop"},
			catalogue.Need{Module: "httptools"})
	}
	argv, err := servertest.PythonServer(v)
	if err != nil {
		b.Log(err)
		return nil
	}
	return append(argv, "-threads", "64")
}

// nginx returns a command that serves the same reply in one process and prints where it listens, as our servers do.
func nginx(b *testing.B) (argv []string) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr, dir := free.Addr().String(), b.TempDir()
	free.Close()
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += kind + "_temp_path " + dir + "; "
	}
	config := `daemon off; master_process off; pid ` + dir + `/pid; error_log stderr;
		events { worker_connections 256; }
		http { access_log off; keepalive_requests 1000000000; ` + temporary + `
			server { listen ` + addr + `; location / { default_type text/plain; return 200 "hello\n"; } } }`
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	return []string{"sh", "-c", "echo listening on " + addr + "; exec nginx -p " + dir + " -c " + dir + "/conf"}
}

var wrkCount = regexp.MustCompile(`(\d+) requests in`)

// cost returns what a request costs a fresh server, in µs of its processor's time.
func cost(b *testing.B, argv []string, server, client unix.CPUSet) float64 {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // some are several processes
	var words strings.Builder
	cmd.Stderr = &words
	addr, stop := listening(b, cmd, func() error { return startOn(server, cmd) })
	defer func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if stop(); b.Failed() {
			b.Logf("%v wrote to standard error:\n%s", argv, words.String())
		}
	}()
	// Nginx prints its address before it listens.
	for deadline := time.Now().Add(hang.After); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
			break
		}
		if time.Now().After(deadline) {
			b.Fatal(err)
		}
	}
	wrk(b, addr, "1s", client) // warms the server up
	before := processorTime(b, cmd.Process.Pid)
	requests := wrk(b, addr, "2s", client)
	return float64(processorTime(b, cmd.Process.Pid)-before) / float64(time.Microsecond) / float64(requests)
}

// wrk asks for / as fast as the server answers and returns how often it was answered.
func wrk(b *testing.B, addr, duration string, client unix.CPUSet) (requests int) {
	var out strings.Builder
	cmd := exec.Command("wrk", "-t1", "-c64", "-d"+duration, "http://"+addr+"/")
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := startOn(client, cmd); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || strings.Contains(out.String(), "Non-2xx") ||
		strings.Contains(out.String(), "Socket errors") {
		b.Fatalf("wrk: %v\n%s", err, out.String())
	}
	m := wrkCount.FindStringSubmatch(out.String())
	if m == nil {
		b.Fatalf("wrk:\n%s", out.String())
	}
	requests, _ = strconv.Atoi(m[1]) // the pattern allows only digits
	return requests
}

// twoProcessors returns two that this process may use.
func twoProcessors(b *testing.B) (server, client unix.CPUSet) {
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		b.Fatal(err)
	}
	if all.Count() < 2 {
		b.Skip("SKIPPED: servers and clients need a processor each")
	}
	for n := 0; client.Count() == 0; n++ {
		switch {
		case !all.IsSet(n):
		case server.Count() == 0:
			server.Set(n)
		default:
			client.Set(n)
		}
	}
	return server, client
}

// startOn starts a command that stays on the processors: a process inherits them from the thread that starts it.
func startOn(cpus unix.CPUSet, cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	if err := unix.SchedSetaffinity(0, &cpus); err != nil {
		return err
	}
	err := cmd.Start()
	if back := unix.SchedSetaffinity(0, &before); err == nil {
		err = back
	}
	return err
}

// processorTime returns what the process and its descendants have used so far, in steps of 10 ms: utime and stime of
// proc_pid_stat(5). Other processes than the first may do the work.
func processorTime(b *testing.B, pid int) (used time.Duration) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range tasks {
		children, _ := os.ReadFile(file) // a thread that has ended has none
		for _, field := range strings.Fields(string(children)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				b.Fatal(err)
			}
			used += processorTime(b, child)
		}
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:])) // from the third on
	var ticks int
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return used + time.Duration(ticks)*10*time.Millisecond // USER_HZ is 100
}
