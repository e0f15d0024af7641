//go:build linux

package process

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/internal/hang"
)

// T9: kill -9 of the lab, in every phase, leaves no process and no port.
func TestKilledLab(t *testing.T) {
	for _, phase := range []string{"build", "starting", "listen", "stubborn", "orphans"} {
		t.Run(phase, func(t *testing.T) {
			cache := hang.TempDir(t)
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
			if left, err := filepath.Glob(filepath.Join(cache, "era-of-asynchrony", "run", "*")); err != nil || len(left) > 0 {
				t.Errorf("left: %v %v", left, err)
			}
			if addr != "" {
				refused(t, addr)
			}
		})
	}
}

// The supervisor itself is killed: the kernel kills the server, and the sweep kills what the server left.
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
	cache := hang.TempDir(t)
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

// A lab that is killed while it compiles leaves files. Its supervisor removes them; if the supervisor was killed as
// well, the next lab does. The files of a living lab stay.
func TestSweepOfScratch(t *testing.T) {
	cache := hang.TempDir(t)
	lab := exec.Command("/proc/self/exe", "lab", "build")
	lab.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache)
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	ids := awaitRecord(t, cache) // supervisor first
	scratch := func() []string {
		folders, err := filepath.Glob(filepath.Join(cache, "era-of-asynchrony", "run", "scratch-*"))
		if err != nil {
			t.Fatal(err)
		}
		return folders
	}
	syscall.Kill(lab.Process.Pid, syscall.SIGSTOP)
	syscall.Kill(ids[0], syscall.SIGKILL)
	lab.Process.Kill()
	lab.Wait()
	await(t, "the supervisor to die", func() bool { return startOf(ids[0]) == "" })
	if len(scratch()) != 1 {
		t.Fatalf("scratch of the killed build: %v", scratch())
	}
	t.Setenv("XDG_CACHE_HOME", cache)
	own, remove, err := Scratch()
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(filepath.Dir(own), "HALF.json") // a supervisor was killed while it wrote
	if err := os.WriteFile(half, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(half, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(cache, "era-of-asynchrony", "bin") // builds were killed, and one is being made
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	mine, err := os.CreateTemp(bin, ownedName(part))
	if err != nil {
		t.Fatal(err)
	}
	mine.Close()
	dead := filepath.Join(bin, fmt.Sprintf("%s-%d-1-x", part, ids[0]))
	if err := os.WriteFile(dead, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	Sweep()
	if left, _ := filepath.Glob(filepath.Join(bin, ".*")); len(left) != 1 || left[0] != mine.Name() {
		t.Errorf("left: %v, want only %s", left, mine.Name())
	}
	if left := scratch(); len(left) != 1 || left[0] != own {
		t.Errorf("left: %v, want only %s", left, own)
	}
	if left := records(cache); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	remove()
	if left := scratch(); len(left) != 0 {
		t.Errorf("left after remove: %v", left)
	}
}

// TestHangingProbe: a program that is run for its version ends with the lab, and when it takes too long.
func TestHangingProbe(t *testing.T) {
	dir := t.TempDir()
	pid := filepath.Join(dir, "pid")
	hangs := filepath.Join(dir, "python3")
	if err := os.WriteFile(hangs, fmt.Appendf(nil, "#!/bin/sh\necho $$ >%s\nsleep 600\n", pid), 0o700); err != nil {
		t.Fatal(err)
	}
	read := func() (id int) {
		text, _ := os.ReadFile(pid)
		fmt.Sscan(string(text), &id)
		return id
	}
	lab := exec.Command("/proc/self/exe", "lab", "probe")
	lab.Env = append(os.Environ(), "XDG_CACHE_HOME="+hang.TempDir(t), "PATH="+dir+":"+os.Getenv("PATH"))
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "the probe to hang", func() bool { return read() != 0 })
	lab.Process.Kill()
	lab.Wait()
	gone(t, read())

	defer func(before time.Duration) { patience = before }(patience)
	patience = time.Millisecond
	if _, _, err := probe(hangs); err == nil || !strings.Contains(err.Error(), "it ran longer than 1ms") {
		t.Errorf("error: %v", err)
	}
	gone(t, read())
}

// TestProbeIsWhole: a probe's output is complete, while only some lines of a server's output are kept.
func TestProbeIsWhole(t *testing.T) {
	long := strings.Repeat("x", 100*lineCap)
	stdout, stderr, err := probe("/bin/sh", "-c", "echo "+long+"; echo to stderr >&2")
	if strings.TrimSpace(stdout) != long || stderr != "to stderr" || err != nil {
		t.Errorf("%d bytes, %q, %v; want %d bytes", len(stdout), stderr, err, len(long))
	}
}
