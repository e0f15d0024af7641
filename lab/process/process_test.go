//go:build linux

package process

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/internal/hang"
	"era/lab/sockets"
)

var contextForever = context.Background()

func begin(t *testing.T, helper string) *Process {
	t.Helper()
	p, err := Start(t.Context(), program(helper), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop() })
	return p
}

func TestStartAndStop(t *testing.T) {
	p := begin(t, "listen")
	connect(t, p.Addr)
	if threads, rss, _ := p.Sample(); threads < 1 || rss < 100 {
		t.Errorf("sample: %d threads, %d KiB", threads, rss)
	}
	if p.ReadyIn <= 0 || p.ReadyIn > 10*time.Second {
		t.Errorf("ready in %v", p.ReadyIn)
	}
	usage := p.Stop()
	if usage.MaxRSSKB < 100 || usage.CPU <= 0 {
		t.Errorf("usage: %+v", usage)
	}
	if p.Exit() != "" {
		t.Errorf("exit after Stop: %q", p.Exit())
	}
	gone(t, p.PID)
	refused(t, p.Addr)
	p.Stop()
}

// TestUsageOfAll: what the children of a server use counts as used by the server.
func TestUsageOfAll(t *testing.T) {
	p := begin(t, "crew")
	await(t, "the child to have computed", func() bool { return slices.Contains(p.Output(), "burned") })
	if usage := p.Stop(); usage.CPU < burned {
		t.Errorf("%v of CPU time, want at least the child's %v", usage.CPU, burned)
	}
}

func TestEndOfContextStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := Start(ctx, program("listen"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-p.Done()
	gone(t, p.PID)
	if _, err := Start(ctx, program("listen"), Options{}); err == nil {
		t.Error("started with a context that had ended")
	}
}

func TestEndsBeforeItListens(t *testing.T) {
	_, err := Start(t.Context(), program("panic"), Options{})
	if err == nil || !strings.Contains(err.Error(), "exit status 2: panic: boom") {
		t.Errorf("error: %v", err)
	}
	_, err = Start(t.Context(), program("silent"), Options{Ready: 50 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "did not say where it listens") {
		t.Errorf("error: %v", err)
	}
	missing := program("listen")
	missing.Argv = []string{"/nowhere/server"}
	if _, err = Start(t.Context(), missing, Options{}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("error: %v", err)
	}
}

// T10: a server that other machines could reach is stopped.
func TestPublicAddressIsRefused(t *testing.T) {
	_, err := Start(t.Context(), program("public"), Options{})
	if err == nil || !strings.Contains(err.Error(), "not a port of the loopback interface") {
		t.Errorf("error: %v", err)
	}
}

// The address that a server prints is compared with its sockets.
func TestClaimedAddresses(t *testing.T) {
	other, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	thief := program("thief")
	thief.Argv = append(thief.Argv, other.Addr().String())
	if _, err := Start(t.Context(), thief, Options{}); err == nil ||
		!strings.Contains(err.Error(), "but has no socket there") {
		t.Errorf("another's address: %v", err)
	}
	if _, err := Start(t.Context(), program("liar"), Options{}); err == nil ||
		!strings.Contains(err.Error(), "which other machines can reach") {
		t.Errorf("a public listener: %v", err)
	}
}

func TestExitHasLastWords(t *testing.T) {
	p := begin(t, "answer")
	if p.Exit() != "" {
		t.Errorf("exit of a running server: %q", p.Exit())
	}
	connect(t, p.Addr)
	<-p.Done()
	if p.Exit() != "exit status 3: last words" {
		t.Errorf("exit: %q", p.Exit())
	}
	q := begin(t, "listen")
	syscall.Kill(q.PID, syscall.SIGABRT)
	<-q.Done()
	if !strings.HasPrefix(q.Exit(), "exit status 2") { // Go turns SIGABRT into a stack dump
		t.Errorf("exit: %q", q.Exit())
	}
	r := begin(t, "listen")
	syscall.Kill(r.PID, syscall.SIGKILL)
	<-r.Done()
	if r.Exit() != "signal: killed" {
		t.Errorf("exit: %q", r.Exit())
	}
}

func TestStubbornServer(t *testing.T) {
	p := begin(t, "stubborn")
	p.Stop()
	gone(t, p.PID)
}

// A server may end in its own way on SIGTERM, and how it ended is recorded; one that ignores the signal goes on.
func TestTerminate(t *testing.T) {
	for helper, want := range map[string]string{"polite": "exit status 4: good night", "listen": "signal: terminated"} {
		p := begin(t, helper)
		if !p.Ended().IsZero() {
			t.Errorf("%s runs, and ended at %v", helper, p.Ended())
		}
		asked := time.Now()
		p.Terminate()
		<-p.Done()
		if p.Ended().Before(asked.Round(0)) || p.Ended().After(time.Now().Round(0)) {
			t.Errorf("%s: asked to end at %v, ended at %v", helper, asked, p.Ended())
		}
		if p.Exit() != want {
			t.Errorf("%s: exit: %q, want %q", helper, p.Exit(), want)
		}
		gone(t, p.PID)
		p.Terminate() // no process is left
		if helper == "polite" {
			gone(t, pids(p.Output(), 1)...)
		}
	}
	p := begin(t, "stubborn")
	p.Terminate()
	p.Terminate()
	connect(t, p.Addr)
	p.Stop()
	if p.Exit() != "" || !p.Ended().IsZero() {
		t.Errorf("exit after Stop: %q, at %v", p.Exit(), p.Ended())
	}
}

// The processes' connections are seen from outside; one that has not been accepted belongs to no process.
func TestPeers(t *testing.T) {
	p := begin(t, "takesOne")
	var ports []int
	var theirs, ours []sockets.Socket
	for range 2 {
		c, err := net.DialTimeout("tcp", p.Addr, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ports = append(ports, c.LocalAddr().(*net.TCPAddr).Port)
		local, remote := c.LocalAddr().(*net.TCPAddr).AddrPort(), c.RemoteAddr().(*net.TCPAddr).AddrPort()
		if s, found := sockets.Find(local, remote); found {
			ours = append(ours, s)
		}
		if len(theirs) == 0 {
			await(t, "the first to be accepted", func() bool { return len(p.Peers()) > 0 })
			s, _ := sockets.Find(remote, local)
			theirs = append(theirs, s)
		}
	}
	if len(ours) != 2 || p.Holds(ours[0]) || p.Holds(ours[1]) || !p.Holds(theirs[0]) {
		t.Errorf("the server holds the clients' ends %+v, or not its own %+v", ours, theirs)
	}
	if held := p.Peers(); len(held) != 1 || !slices.Equal(held[p.PID], ports[:1]) {
		t.Errorf("clients %v; process %d of these holds %v", ports, p.PID, held)
	}
}

func TestOrphans(t *testing.T) {
	p := begin(t, "orphans")
	children := pids(p.Output(), 4)
	p.Stop()
	gone(t, children...)

	p = begin(t, "leaver") // it ends by itself and leaves four behind
	children = pids(p.Output(), 4)
	connect(t, p.Addr)
	<-p.Done()
	gone(t, children...)
	if p.Exit() != "exit status 0" {
		t.Errorf("exit: %q", p.Exit())
	}
}

func connect(t *testing.T, addr string) {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func refused(t *testing.T, addr string) {
	t.Helper()
	if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
		c.Close()
		t.Errorf("something still listens on %s", addr)
	}
}

// gone fails for processes that live. A zombie whose parent has not reaped it yet counts as gone.
func gone(t *testing.T, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		await(t, fmt.Sprintf("process %d to be gone", pid), func() bool {
			return syscall.Kill(pid, 0) == syscall.ESRCH || zombie(pid)
		})
	}
}

func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(hang.After); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func pids(lines []string, want int) []int {
	var all []int
	for _, line := range lines {
		var pid int
		if n, _ := fmt.Sscanf(line, "child %d", &pid); n == 1 {
			all = append(all, pid)
		}
	}
	if len(all) < want {
		panic(fmt.Sprintf("%d children named, not %d, in %q", len(all), want, lines))
	}
	return all
}

func records(cache string) []string {
	files, _ := filepath.Glob(filepath.Join(cache, "era-of-asynchrony", "run", "*.json"))
	return files
}
