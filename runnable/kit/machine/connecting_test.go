//go:build linux || darwin

package machine

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"era/runnable/kit/sys"

	"era/check/servertest"
)

// A write to a socket that is still being connected returns EAGAIN on Linux and ENOTCONN on macOS and BSD. With an
// unconnected Unix socket it is ENOTCONN on all of them, so the tests of the three languages use that.

func TestQuestionWaitsForTheConnection(t *testing.T) {
	listener, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(listener)
	address := &unix.SockaddrUnix{Name: filepath.Join(shortDir(t), "s")}
	if err := unix.Bind(listener, address); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(listener, 1); err != nil {
		t.Fatal(err)
	}
	asks := asksTwice(t, listener, address)
	if asks.state != hearing {
		t.Errorf("state %d after the connection was made, want %d", asks.state, hearing)
	}
}

// asksTwice returns a connection that tried to send its question before its socket was connected, and once more after.
func asksTwice(t *testing.T, listener int, address unix.Sockaddr) *Conn {
	t.Helper()
	backend, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sys.Close(backend) })
	c := &Conn{state: asking, client: -1, backend: backend, outbox: []byte("delay=0\n")}
	c.Step()
	if c.state != asking || !c.Dry {
		t.Fatalf("state %d, dry %v: want %d and true", c.state, c.Dry, asking)
	}
	if err := unix.Connect(backend, address); err != nil {
		t.Fatal(err)
	}
	c.Step()
	return c
}

// shortDir returns a folder whose name fits into the address of a Unix socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "era")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestQuestionWaitsForTheConnectionInPython(t *testing.T) {
	servertest.Run(t, servertest.Need(t, "python3"), "testdata/connecting.py", filepath.Join(shortDir(t), "s"))
}

func TestQuestionWaitsForTheConnectionInC(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "connecting")
	servertest.CC(t, binary, "testdata/connecting.c")
	servertest.Run(t, binary, filepath.Join(shortDir(t), "s"))
}
