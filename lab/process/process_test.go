//go:build linux

package process

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
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

// T10: a server that other machines could reach is not kept.
func TestPublicAddressIsRefused(t *testing.T) {
	_, err := Start(t.Context(), program("public"), Options{})
	if err == nil || !strings.Contains(err.Error(), "not a port of the loopback interface") {
		t.Errorf("error: %v", err)
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

// T8: limits.
func TestTooManyProcesses(t *testing.T) {
	p := begin(t, "forks")
	<-p.Done()
	if !strings.Contains(p.Exit(), "more than ") {
		t.Errorf("exit: %q", p.Exit())
	}
	gone(t, pids(p.Output(), 1)...)
}

func TestTooMuchMemory(t *testing.T) {
	argv := program("hog").Argv
	c, err := spawn(t.Context(), spec{Argv: argv, RSSKB: 64 << 10}, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-c.done
	if !strings.Contains(c.exit(), "more than 64 MiB of memory") {
		t.Errorf("exit: %q", c.exit())
	}
}

func TestTooLong(t *testing.T) {
	c, err := spawn(t.Context(), spec{Argv: program("silent").Argv, Wall: time.Millisecond}, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-c.done
	if !strings.Contains(c.exit(), "ran longer than 1ms") {
		t.Errorf("exit: %q", c.exit())
	}
}

func TestFlood(t *testing.T) {
	p := begin(t, "flood")
	connect(t, p.Addr) // it is served only when all has been written: the flood does not block the server
	<-p.Done()
	if p.Exit() != "exit status 1: the end of the flood" {
		t.Errorf("exit: %q", p.Exit())
	}
	output := strings.Join(p.Output(), "\n")
	if !strings.Contains(output, "more bytes of standard output dropped") || len(output) > 64<<10 {
		t.Errorf("%d bytes of output kept, no count of the dropped", len(output))
	}
}

// T14: a server sees nothing of the environment but what it needs.
func TestEnvironment(t *testing.T) {
	t.Setenv("SECRET_KEY", "do not tell")
	p := begin(t, "listen")
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.PID))
	if err != nil {
		t.Skip("no /proc here")
	}
	if strings.Contains(string(environ), "do not tell") || strings.Contains(string(environ), superviseEnv) {
		t.Errorf("environment: %q", environ)
	}
}

// T9: kill -9 of the lab in every phase leaves no process and no port.
func TestKilledLab(t *testing.T) {
	for _, phase := range []string{"build", "starting", "listen", "stubborn", "orphans"} {
		t.Run(phase, func(t *testing.T) {
			cache := t.TempDir()
			lab := exec.Command("/proc/self/exe", "lab", phase)
			lab.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache)
			out, err := lab.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := lab.Start(); err != nil {
				t.Fatal(err)
			}
			var addr string
			var lines []string
			for in := bufio.NewScanner(out); in.Scan() && in.Text() != "phase"; {
				lines = append(lines, in.Text())
				if a, ok := strings.CutPrefix(in.Text(), "address "); ok {
					addr = a
				}
			}
			processes := append(awaitRecord(t, cache), pids(lines, 0)...)
			lab.Process.Kill()
			lab.Wait()
			await(t, "the supervisor to clean up", func() bool { return len(records(cache)) == 0 })
			gone(t, processes...)
			if addr != "" {
				refused(t, addr)
			}
		})
	}
}

// The supervisor itself is killed: the kernel takes the server, the sweep takes what the server left.
func TestKilledSupervisor(t *testing.T) {
	p := begin(t, "orphans")
	children := pids(p.Output(), 4)
	p.child.supervisor.Process.Kill()
	<-p.Done()
	gone(t, append(children, p.PID)...)
	if !strings.Contains(p.Exit(), "supervisor failed") {
		t.Errorf("exit: %q", p.Exit())
	}
}

// Both are killed at once: the next lab sweeps.
func TestSweepAfterCrash(t *testing.T) {
	cache := t.TempDir()
	lab := exec.Command("/proc/self/exe", "lab", "orphans")
	lab.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache)
	out, err := lab.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for in := bufio.NewScanner(out); in.Scan() && in.Text() != "phase"; {
		lines = append(lines, in.Text())
	}
	ids := awaitRecord(t, cache) // supervisor first
	syscall.Kill(lab.Process.Pid, syscall.SIGSTOP)
	syscall.Kill(ids[0], syscall.SIGKILL)
	lab.Process.Kill()
	lab.Wait()
	await(t, "the supervisor to die", func() bool { _, ok := readProcess(ids[0]); return !ok || zombie(ids[0]) })
	t.Setenv("XDG_CACHE_HOME", cache)
	Sweep()
	gone(t, append(pids(lines, 4), ids...)...)
	if left := records(cache); len(left) != 0 {
		t.Errorf("records left: %v", left)
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

// gone fails for processes that live. A zombie whose parent has not looked yet is gone.
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
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
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
