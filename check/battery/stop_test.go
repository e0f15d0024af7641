//go:build linux || darwin

package battery

import (
	"bufio"
	"io"
	"net"
	"syscall"
	"testing"

	"era/catalogue"
)

// TestServersStop: on a signal to end, a server finishes what is in flight, accepts no new client, and ends well.
func TestServersStop(t *testing.T) {
	for _, name := range []string{"httpserver", "httpserver/python", "wsgi", "micro"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := catalogue.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			thinking, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer thinking.Close()
			s := start(t, v, thinking.Addr().String(), manyFiles)
			idle, busy := dial(t, s), dial(t, s)
			idle.send(get("/"))
			idle.want(hello)
			busy.send(get("/ask"))
			asked, err := thinking.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer asked.Close()
			if _, err := bufio.NewReader(asked).ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			idle.wantEnd() // so it is stopping
			if conn, err := net.Dial("tcp", s.addr); err == nil {
				conn.Close()
				t.Error("a new client came in")
			}
			if _, err := io.WriteString(asked, "after all\n"); err != nil {
				t.Fatal(err)
			}
			busy.want(reply("200 OK", "after all\n"))
			busy.wantEnd()
			busy.Close()
			<-s.ended
			if code := s.cmd.ProcessState.ExitCode(); code != 0 || s.stderr.String() != "" {
				t.Errorf("%v, and standard error holds %q", s.cmd.ProcessState, s.stderr.String())
			}
		})
	}
}
