package traffic

import (
	"bufio"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"era/lab/sockets"
)

// Another user's connection gets no answer and does not count, unless the server holds it.
func TestBackendKnowsUsers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a socket of another user")
	}
	b := started(t)
	if got, _ := io.ReadAll(asked(t, b, "delay=0\n")); len(got) > 0 {
		t.Errorf("another user is answered: %q", got)
	}
	b.For(func(s sockets.Socket) bool { return false })
	if got, _ := io.ReadAll(asked(t, b, "delay=0\n")); len(got) > 0 {
		t.Errorf("another user that is not the server is answered: %q", got)
	}
	if asked, _ := b.Questions(); asked != 0 {
		t.Errorf("%d questions counted, want 0", asked)
	}
	b.For(func(s sockets.Socket) bool { return s.UID == nobody })
	if got, err := bufio.NewReader(asked(t, b, "delay=0\n")).ReadString('\n'); got != "waited 0 ms\n" {
		t.Errorf("the server that runs as another user is answered %q, %v", got, err)
	}
	if foreign, over := b.TurnedAway(); foreign != 2 || over != 0 {
		t.Errorf("turned away %d and %d, want 2 and 0", foreign, over)
	}
}

const nobody = 65534

// asked opens a connection as another user: a socket belongs to the user that its thread has for file systems
// (setfsuid(2)).
func asked(t *testing.T, b *Backend, question string) net.Conn {
	t.Helper()
	runtime.LockOSThread()
	unix.Setfsuid(nobody)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	unix.Setfsuid(0)
	runtime.UnlockOSThread()
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "")
	defer f.Close()
	addr := netip.MustParseAddrPort(b.Addr)
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}); err != nil {
		t.Fatal(err)
	}
	c, err := net.FileConn(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := c.Write([]byte(question)); err != nil {
		t.Fatal(err)
	}
	return c
}
