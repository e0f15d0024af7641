package battery

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
	"era/internal/hang"
)

// TestWorkersHandleSignals: SIGHUP replaces the workers by new ones, SIGTERM ends them all, and neither costs a client
// its reply.
func TestWorkersHandleSignals(t *testing.T) {
	v, err := catalogue.Find("wsgi-workers")
	if err != nil {
		t.Fatal(err)
	}
	for name, signal := range map[string]syscall.Signal{"restart": syscall.SIGHUP, "stop": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			thinking, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer thinking.Close()
			s := start(t, v, thinking.Addr().String(), manyFiles)
			var old []string
			hang.Await(t, "four workers", func() string {
				if old = children(t, s); len(old) != 4 {
					return fmt.Sprint(old)
				}
				return ""
			})
			busy := dial(t, s)
			busy.send(get("/ask"))
			asked, err := thinking.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer asked.Close()
			if _, err := bufio.NewReader(asked).ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			if err := s.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			hang.Await(t, "the idle workers to leave", func() string {
				n := 0
				for _, pid := range children(t, s) {
					if slices.Contains(old, pid) {
						n++
					}
				}
				if n != 1 { // it is busy
					return fmt.Sprintf("%d of %d are there", n, len(old))
				}
				return ""
			})
			if signal == syscall.SIGHUP {
				next(t, s)
			}
			if _, err := io.WriteString(asked, "after all\n"); err != nil {
				t.Fatal(err)
			}
			busy.want(reply("200 OK", "after all\n"))
			busy.wantEnd()
			busy.Close()
			if signal == syscall.SIGHUP {
				hang.Await(t, "as many new workers", func() string {
					now := children(t, s)
					if len(now) != len(old) || slices.ContainsFunc(now, func(pid string) bool { return slices.Contains(old, pid) }) {
						return fmt.Sprintf("%v, and before %v", now, old)
					}
					return ""
				})
				s.checkWell(t)
				return
			}
			<-s.ended
			if code := s.cmd.ProcessState.ExitCode(); code != 0 || s.stderr.String() != "" {
				t.Errorf("%v, and standard error holds %q", s.cmd.ProcessState, s.stderr.String())
			}
		})
	}
}

// TestWorkersInAStorm: a storm of restarts does not become one of processes, and the signal to end is not lost in it.
func TestWorkersInAStorm(t *testing.T) {
	v, err := catalogue.Find("wsgi-workers")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, v, "127.0.0.1:1", manyFiles)
	next(t, s) // it serves
	signal := func(signals ...syscall.Signal) {
		t.Helper()
		for _, signal := range signals {
			if err := s.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
		}
	}
	most := 0
	for range 50 {
		signal(syscall.SIGHUP)
		most = max(most, len(children(t, s)))
	}
	if most > 3*4 { // the four that are wanted, and twice as many that are leaving
		t.Errorf("%d workers at a time", most)
	}
	signal(syscall.SIGHUP, syscall.SIGHUP, syscall.SIGHUP, syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(patience):
		t.Fatal("it has not reacted to the signal to end")
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 || s.stderr.String() != "" {
		t.Errorf("%v, and standard error holds %q", s.cmd.ProcessState, s.stderr.String())
	}
}

// TestWorkersKilledAtBirth: a killed worker is replaced, even if it had not yet begun to serve.
func TestWorkersKilledAtBirth(t *testing.T) {
	v, err := catalogue.Find("wsgi-workers")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, v, "127.0.0.1:1", manyFiles)
	killed := map[string]bool{}
	hang.Await(t, "twenty workers to be killed", func() string {
		for _, child := range children(t, s) {
			if pid, err := strconv.Atoi(child); err == nil && !killed[child] {
				killed[child] = syscall.Kill(pid, syscall.SIGKILL) == nil
			}
		}
		if len(killed) < 20 {
			return fmt.Sprintf("%d were", len(killed))
		}
		return ""
	})
	next(t, s)
}

// children returns the processes that the server has started, see proc_pid_task(5).
func children(t *testing.T, s *server) []string {
	t.Helper()
	pid := s.cmd.Process.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

// descendants returns its children, theirs, and so on.
func descendants(t *testing.T, pid int) (all []int) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range tasks {
		text, _ := os.ReadFile(file) // a thread that has ended has none
		for _, field := range strings.Fields(string(text)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			all = append(append(all, child), descendants(t, child)...)
		}
	}
	return all
}
