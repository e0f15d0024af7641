//go:build linux || darwin

package wsgi

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// TestWsgiref has Python's reference server say the same to the same applications, written in Python, under its own
// validator. Where it says something else, the table of replies has that too.
func TestWsgiref(t *testing.T) {
	addr := python(t)
	for _, x := range replies {
		t.Run(x.clause+" "+x.what, func(t *testing.T) {
			want := x.want
			if x.wsgiref != "" {
				want = x.wsgiref
			}
			if _, said := request(t, addr, x.send); said != want {
				t.Errorf("got %q, want %q", said, want)
			}
		})
	}
	t.Run("C5.7 closed however it ends", func(t *testing.T) {
		before := body(t, addr, "/closed")
		request(t, addr, get("/ends"))
		request(t, addr, get("/fails-late"))
		c := dial(t, addr)
		c.send(get("/endless"))
		if _, err := c.Peek(1); err != nil {
			t.Fatal(err)
		}
		c.Close()
		was, err := strconv.Atoi(before)
		if err != nil {
			t.Fatal(err)
		}
		if after := body(t, addr, "/closed"); after != strconv.Itoa(was+3) {
			t.Errorf("%s before, %s after", before, after)
		}
	})
}

// python starts the applications where Python is there.
func python(t *testing.T) (addr string) {
	t.Helper()
	cmd := exec.Command("python3", "testdata/apps.py")
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED: %v", err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait() // killed: the error says only that
	})
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}
