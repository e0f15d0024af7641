//go:build linux || darwin

package battery

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"era/catalogue"
)

// TestEcho: lines come back as they were sent, in whatever pieces; a client that misbehaves harms only itself.
func TestEcho(t *testing.T) {
	speaking(t, catalogue.Echo, func(t *testing.T, s *server) {
		half := dial(t, s)
		half.send("half a li")
		c := dial(t, s)
		c.send("one\ntw")
		c.want("one\n")
		c.send("o\n\n\r\n")
		c.want("two\n\n\r\n")
		half.send("ne\n")
		half.want("half a line\n")

		c.send("no line")
		c.halfClose()
		c.wantEnd()
		half.send("cut of")
		half.reset()

		endless := dial(t, s)
		endless.send(strings.Repeat("x", 70_000))
		if _, err := io.Copy(io.Discard, endless); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("a line without end: %v", err)
		}

		done := make(chan error)
		for i := range 50 {
			go func() {
				conn, err := net.DialTimeout("tcp", s.addr, patience)
				if err != nil {
					done <- err
					return
				}
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(patience)) // turns a hang into a failure
				line := fmt.Sprintf("from %d\n", i)
				io.WriteString(conn, line)
				done <- (&client{TCPConn: conn.(*net.TCPConn)}).receive(line)
			}()
		}
		for range 50 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		endless.Close()
		c.Close()
		s.checkWell(t)
	})
}

// TestEchoWaitsForReader: a client sends megabytes before it reads; nothing of them is lost, and no other client waits.
func TestEchoWaitsForReader(t *testing.T) {
	speaking(t, catalogue.Echo, func(t *testing.T, s *server) {
		text := bytes.Repeat([]byte(strings.Repeat("0123456789", 100)+"\n"), 20_000)
		stalled := dialStalled(t, s)
		sent := make(chan error, 1)
		go func() {
			_, err := stalled.Write(text)
			sent <- err
		}()
		other := dial(t, s)
		for range 100 {
			other.send("and me?\n")
			other.want("and me?\n")
		}
		other.Close()
		got := make([]byte, len(text))
		if _, err := io.ReadFull(stalled, got); err != nil || !bytes.Equal(got, text) {
			t.Errorf("what came back is not what was sent: %v", err)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		stalled.Close()
		s.checkWell(t)
	})
}

// TestC3_18: a datagram comes back whole, to its sender, whatever its size; one that cannot come back does no harm.
func TestC3_18(t *testing.T) {
	speaking(t, catalogue.Datagrams, func(t *testing.T, s *server) {
		open := func() net.Conn {
			t.Helper()
			conn, err := net.Dial("udp", s.addr)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			conn.SetDeadline(time.Now().Add(patience))
			return conn
		}
		largest := make([]byte, 65_507)
		for i := range largest {
			largest[i] = byte(rand.IntN(256))
		}
		one, two := open(), open()
		room := make([]byte, 1<<16)
		exchange := func(conn net.Conn, datagrams ...string) {
			t.Helper()
			for _, d := range datagrams {
				if _, err := io.WriteString(conn, d); err != nil {
					t.Fatal(err)
				}
			}
			for _, d := range datagrams {
				if n, err := conn.Read(room); string(room[:n]) != d || err != nil {
					t.Fatalf("%d bytes came back for %d: %v", n, len(d), err)
				}
			}
		}
		exchange(one, "a", "no line\nat all", "b")
		if s.variant.Language == catalogue.Go { // asyncio before 3.13 does not send an empty datagram
			exchange(one, "a", "", "b")
		}
		exchange(one, string(largest))
		io.WriteString(two, "for two")
		exchange(one, "for one")
		if n, err := two.Read(room); string(room[:n]) != "for two" || err != nil {
			t.Errorf("%q, %v", room[:n], err)
		}
		for range 5 { // the client is gone before the answer: the kernel receives "port unreachable" for it (ICMP)
			gone := open()
			io.WriteString(gone, "from a closed socket")
			gone.Close()
			exchange(one, "still there?")
		}
		s.checkWell(t)
	})
}

// TestEchoesDoNotAnswerEachOther: a forged datagram that names the server as its sender, or another echo at the same
// port, would go round forever (CERT VU#417980). Such a sender has the server's port; here it has another address,
// since only root can forge.
func TestEchoesDoNotAnswerEachOther(t *testing.T) {
	speaking(t, catalogue.Datagrams, func(t *testing.T, s *server) {
		addr, err := net.ResolveUDPAddr("udp4", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		echo, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2), Port: addr.Port}, addr)
		if err != nil {
			t.Skipf("SKIPPED: a second loopback address is needed: %v", err)
		}
		defer echo.Close()
		client, err := net.DialUDP("udp4", nil, addr)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		client.SetDeadline(time.Now().Add(patience))
		room := make([]byte, 100)
		for _, from := range []*net.UDPConn{echo, client} {
			if _, err := io.WriteString(from, "hello"); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := client.Read(room); string(room[:n]) != "hello" || err != nil {
			t.Fatalf("%q, %v", room[:n], err)
		}
		// datagrams are answered in order: an answer would be here
		echo.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if n, err := echo.Read(room); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%q came back, %v", room[:n], err)
		}
		s.checkWell(t)
	})
}
