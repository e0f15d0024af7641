//go:build linux || darwin

package battery

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
)

// TestASGIStops_atOnce: a second Ctrl-C ends the server without waiting for what is in flight.
func TestASGIStops_atOnce(t *testing.T) {
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		stream, idle := dial(t, s), dial(t, s)
		stream.send(get("/stream?n=1000&ms=10000"))
		stream.want("HTTP/1.1 200 OK\r\n")
		enter(t, s)
		idle.send(get("/"))
		idle.want(hello)
		if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		idle.wantEnd() // so it is stopping
		if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		select {
		case <-s.ended:
		case <-time.After(patience): // the status shows whether it waited for what is in flight
			t.Fatal("it does not end on the second interrupt")
		}
		if status := s.cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGINT ||
			s.stderr.String() != "" {
			t.Errorf("%v, and standard error holds %q", s.cmd.ProcessState, s.stderr.String())
		}
	})
}

// TestASGIAddressTaken: a second start on the same port reports the problem, and the first goes on.
func TestASGIAddressTaken(t *testing.T) {
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		out, err := command(argv(t, v), manyFiles, "-addr", s.addr).CombinedOutput()
		if err == nil || !strings.Contains(strings.ToLower(string(out)), "address already in use") ||
			strings.Count(string(out), "\n") != 1 {
			t.Errorf("%v, %q", err, out)
		}
		next(t, s)
	})
}
