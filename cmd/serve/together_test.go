//go:build linux

package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"era/internal/hang"
	"era/lab/process"
)

// Two experiments at the same time would spoil each other's times: the second waits and says so, until the first is
// over, or until Ctrl-C.
func TestExperimentsWaitForEachOther(t *testing.T) {
	cache := hang.TempDir(t)
	t.Setenv("GOCACHE", goCache(t))
	t.Setenv("XDG_CACHE_HOME", cache)
	done, err := process.Turn(t.Context(), func() { t.Error("no other experiment runs here") })
	if err != nil {
		t.Fatal(err)
	}
	waiting := func() *exec.Cmd {
		t.Helper()
		cmd := serveCommand(t, "lab", "-servers", "blocking/python", "-scenario", "one-slow", "-set", "pause=100", "-set",
			"clients=1")
		cmd.Env = append(cmd.Env, "XDG_CACHE_HOME="+cache)
		pipe, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill() })
		line, err := bufio.NewReader(pipe).ReadString('\n')
		if !strings.Contains(line, "another serve on this machine is running an experiment") {
			t.Fatalf("it says %q (%v), want that it waits", line, err)
		}
		return cmd
	}
	one, two := waiting(), waiting()
	one.Process.Signal(os.Interrupt)
	if one.Wait(); one.ProcessState.ExitCode() != 130 {
		t.Errorf("after Ctrl-C: %v, want exit status 130", one.ProcessState)
	}
	done()
	if err := two.Wait(); err != nil {
		t.Errorf("when the other experiment is over: %v, want that it runs", err)
	}
}

// Two that are started at the same time build the same servers into one cache, at once. On port 0 both serve; on one
// port the second says that the first has it.
func TestTwoAreStartedAtOnce(t *testing.T) {
	cache := hang.TempDir(t)
	for _, addr := range []string{"127.0.0.1:0", freePort(t)} {
		var links, refused []string
		var commands []*exec.Cmd
		var outs []*bufio.Reader
		var errs []*strings.Builder
		for range 2 {
			cmd := serveCommand(t, "-addr", addr, "-open=false")
			cmd.Env = append(cmd.Env, "XDG_CACHE_HOME="+cache)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			said := &strings.Builder{}
			cmd.Stderr = said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill() })
			commands, outs, errs = append(commands, cmd), append(outs, bufio.NewReader(out)), append(errs, said)
		}
		for i, cmd := range commands {
			if line, _ := outs[i].ReadString('\n'); link.MatchString(line) {
				links = append(links, line)
			} else {
				cmd.Wait()
				refused = append(refused, errs[i].String())
			}
		}
		if own := strings.HasSuffix(addr, ":0"); own && len(links) != 2 || !own &&
			(len(links) != 1 || !strings.Contains(refused[0], "already runs at http://"+addr)) {
			t.Errorf("-addr %s twice at once: %d serve, refused: %q", addr, len(links), refused)
		}
		runs := make(chan error)
		for range 2 { // while both prepare the servers
			cmd := serveCommand(t, "lab", "-servers", "blocking,blocking/c", "-scenario", "one-slow", "-set", "pause=100",
				"-set", "clients=1")
			cmd.Env = append(cmd.Env, "XDG_CACHE_HOME="+cache)
			go func() {
				out, err := cmd.CombinedOutput()
				if err != nil {
					err = fmt.Errorf("lab beside them: %w\n%s", err, out)
				}
				runs <- err
			}()
		}
		for range 2 {
			if err := <-runs; err != nil {
				t.Error(err)
			}
		}
		for i, cmd := range commands {
			cmd.Process.Signal(os.Interrupt)
			cmd.Wait()
			if strings.Contains(errs[i].String(), "could not be built") {
				t.Errorf("serve says %s", errs[i])
			}
		}
	}
}

// freePort returns an address on which nothing listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
