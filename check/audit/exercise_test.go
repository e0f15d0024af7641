//go:build linux

package audit_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"era/catalogue"
	"era/internal/hang"
)

// exercise sends a server one of everything, in its own protocol.
func exercise(t *testing.T, p catalogue.Protocol, addr string) {
	t.Helper()
	switch p {
	case catalogue.HTTP:
		traffic(t, addr)
	case catalogue.Echo:
		lines(t, addr, "", "one\n", "two\n", "three\n", "four\n", "five\n")
	case catalogue.Datagrams:
		datagrams(t, addr)
	case catalogue.Mail:
		lines(t, addr, "220", "HELO x\r\n", "MAIL FROM:<a@b>\r\n", "RCPT TO:<c@d>\r\n", "DATA\r\n",
			"Subject: x\r\n\r\n..\r\n.\r\n", "QUIT\r\n")
	default:
		t.Fatalf("nothing here speaks %q", p)
	}
}

// lines sends lines and reads a line for each, on several connections. greeting is how the server's first line begins.
func lines(t *testing.T, addr, greeting string, say ...string) {
	t.Helper()
	for range 3 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
		replies := bufio.NewReader(conn)
		if greeting != "" {
			if line, err := replies.ReadString('\n'); err != nil {
				t.Fatalf("greeting %q: %v", line, err)
			}
		}
		for _, line := range say {
			if _, err := io.WriteString(conn, line); err != nil {
				t.Fatal(err)
			}
			if reply, err := replies.ReadString('\n'); err != nil {
				t.Fatalf("%q: %q, %v", line, reply, err)
			}
		}
		conn.(*net.TCPConn).CloseWrite()
		if _, err := io.Copy(io.Discard, replies); err != nil { // the server's end of file: it has finished
			t.Fatal(err)
		}
		conn.Close()
	}
}

func datagrams(t *testing.T, addr string) {
	t.Helper()
	conn, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(hang.After))
	for range 20 {
		if _, err := io.WriteString(conn, "there and back"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
}

// requests asks for various things over two connections that are kept.
func requests(t *testing.T, addr string) {
	t.Helper()
	for range 2 {
		client := http.Client{Transport: &http.Transport{}}
		for _, target := range []string{"/", "/ask?delay=3", "/ask?size=200000", "/", "/nowhere"} {
			reply, err := client.Get("http://" + addr + target)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, reply.Body); err != nil {
				t.Fatalf("%s: %v", target, err)
			}
			reply.Body.Close()
		}
		client.CloseIdleConnections()
	}
}
