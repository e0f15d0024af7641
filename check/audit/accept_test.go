//go:build linux

package audit_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
	"era/internal/hang"
	"era/runnable/kit/trace"
)

// TestC3_11: however many clients wait, the server accepts 128 of them and then lets others have their turn.
func TestC3_11(t *testing.T) {
	v, err := catalogue.Find("tcpserver")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	argv, _ := build(t, v, dir)
	file := filepath.Join(dir, "trace")
	r, err := trace.Create(file, 1<<14)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(argv[0], "-addr", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), trace.Env+"="+file)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	addr, stop := listening(t, cmd, cmd.Start)
	defer stop()

	// While the server is stopped, the kernel completes connections for it: 129, one more than the backlog.
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var clients []net.Conn
	for range 129 {
		conn, err := net.DialTimeout("tcp", addr, hang.After)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		clients = append(clients, conn)
	}
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	for _, conn := range clients {
		conn.SetDeadline(time.Now().Add(hang.After))
		if _, err := conn.Write([]byte("x\n")); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	accepted, all, most := 0, 0, 0
	for e, ok := r.Next(); ok; e, ok = r.Next() {
		switch {
		case e.Kind == trace.EpollWait:
			accepted = 0
		case e.Kind == trace.Accept && e.Errno == 0:
			accepted, all = accepted+1, all+1
			most = max(most, accepted)
		}
	}
	if most != 128 || all != 129 {
		t.Errorf("it accepted %d clients, up to %d in one turn", all, most)
	}
}
