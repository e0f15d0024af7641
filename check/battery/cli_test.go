//go:build linux || darwin

package battery

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"era/catalogue"
)

// TestCommandLine tests what people meet first.
func TestCommandLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	each(t, func(t *testing.T, v catalogue.Variant) {
		program := argv(t, v)
		for _, x := range []struct {
			name  string
			flags []string
			fails bool
			says  []string
		}{
			{"help", []string{"-h"}, false, []string{"-addr", "-backend"}},
			{"unknown flag", []string{"-speed", "11"}, true, []string{"-speed"}},
			{"something else", []string{"please"}, true, []string{`unexpected argument "please"`}},
			{"no port", []string{"-addr", "127.0.0.1"}, true, []string{"-addr", "127.0.0.1"}},
			{"not an address", []string{"-backend", "nowhere:80"}, true, []string{"-backend", "nowhere:80"}},
			{"port taken", []string{"-addr", taken.Addr().String()}, true, []string{taken.Addr().String(), "in use"}},
		} {
			t.Run(x.name, func(t *testing.T) {
				cmd := command(program, manyFiles, x.flags...)
				var stdout, stderr output
				cmd.Stdout, cmd.Stderr = &stdout, &stderr
				err := cmd.Run()
				var exit *exec.ExitError
				if err != nil && !errors.As(err, &exit) {
					t.Fatal(err)
				}
				if (err != nil) != x.fails || exit != nil && !exit.Exited() {
					t.Errorf("%v: %v, want failure: %v", x.flags, err, x.fails)
				}
				said := stderr.String()
				if !x.fails {
					said += stdout.String()
				} else if stdout.String() != "" {
					t.Errorf("an error belongs to standard error; standard output holds %q", stdout.String())
				}
				for _, word := range x.says {
					if !strings.Contains(strings.ToLower(said), strings.ToLower(word)) {
						t.Errorf("%v: %q does not mention %q", x.flags, said, word)
					}
				}
				if strings.Contains(said, "Traceback") || strings.Contains(said, "goroutine ") {
					t.Errorf("%v: a stack trace is not a message for people:\n%s", x.flags, said)
				}
			})
		}
		t.Run("interrupt", func(t *testing.T) {
			s := start(t, v, "127.0.0.1:1", manyFiles)
			next(t, s)
			if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			<-s.ended
			if words := s.stderr.String(); words != "" {
				t.Errorf("Ctrl-C is not an error, but standard error holds:\n%s", words)
			}
		})
	})
}
