//go:build linux || darwin

package aio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"era/internal/hang"
	"era/runnable/kit/internal/corpus"
	"era/runnable/kit/sys"
)

// run is Run for a test: an error of main fails it, and no goroutine is left.
func run(t *testing.T, main func(task *Task) error) {
	t.Helper()
	before := runtime.NumGoroutine()
	if err := Run(main); err != nil {
		t.Error(err)
	}
	corpus.NoLeak(t, before)
}

// listen returns a non-blocking listener and its address.
func listen(t *testing.T) (listener int, addr sys.Addr) {
	t.Helper()
	listener, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err == nil {
		t.Cleanup(func() { sys.Close(listener) })
		err = errors.Join(sys.SetNonblock(listener, true), sys.Bind(listener, netip.MustParseAddrPort("127.0.0.1:0")),
			sys.Listen(listener, 128))
	}
	if err == nil {
		addr, err = sys.Getsockname(listener)
	}
	if err != nil {
		t.Fatal(err)
	}
	return listener, addr
}

// pair returns two connected streams with small buffers in the kernel.
func pair(t *testing.T, task *Task) (here, there *Conn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	for _, fd := range fds {
		err = errors.Join(err, sys.SetNonblock(fd, true), unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 8<<10))
	}
	if err != nil {
		t.Fatal(err)
	}
	return NewConn(task, fds[0]), NewConn(task, fds[1])
}

// TestServeLogsErrors: the error of a handler is logged when it returns, not when its task is collected.
func TestServeLogsErrors(t *testing.T) {
	var out logged
	log.SetOutput(&out)
	defer log.SetOutput(os.Stderr)
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	listener, addr := listen(t)
	run(t, func(task *Task) error {
		server := task.Go(func(t *Task) error {
			return Serve(t, listener, func(*Task, *Conn) error { return errors.New("a bug") })
		})
		client, err := Dial(task, addr)
		if err != nil {
			return err
		}
		defer client.Close()
		if _, err := client.Read(task, make([]byte, 1)); err != io.EOF {
			t.Errorf("the client of the handler that fails: %v", err)
		}
		server.Cancel()
		return nil
	})
	if got := out.String(); strings.Count(got, "a bug") != 1 {
		t.Errorf("logged %q", got)
	}
}

// TestServeGoesOn: an accept that fails does not end the server. Here it fails because the socket does not listen yet.
func TestServeGoesOn(t *testing.T) {
	log.SetOutput(t.Output())
	defer log.SetOutput(os.Stderr)
	run(t, func(task *Task) error {
		listener, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		defer sys.Close(listener)
		if err := sys.Bind(listener, netip.MustParseAddrPort("127.0.0.1:0")); err != nil {
			return err
		}
		server := task.Go(func(t *Task) error {
			return Serve(t, listener, func(t *Task, conn *Conn) error { conn.Write([]byte("hello")); return nil })
		})
		for range 3 {
			Sleep(task, 0) // Serve starts, and accept fails
		}
		addr, _ := sys.Getsockname(listener)
		if err := sys.Listen(listener, 16); err != nil || server.Done() {
			_, ended := server.Result()
			return errors.Join(err, fmt.Errorf("Serve has ended: %v", ended))
		}
		client, err := Dial(task, addr)
		if err != nil {
			return err
		}
		defer client.Close()
		if got, err := client.ReadExactly(task, 5); string(got) != "hello" {
			t.Errorf("the client read %q, %v", got, err)
		}
		server.Cancel()
		return nil
	})
}

// TestServe: a server of streams serves many ordinary clients at a time on one goroutine.
func TestServe(t *testing.T) {
	listener, addr := listen(t)
	const clients = 50
	run(t, func(task *Task) error {
		server := task.Go(func(t *Task) error {
			return Serve(t, listener, func(t *Task, conn *Conn) error {
				for {
					line, err := conn.ReadUntil(t, []byte("\n"))
					if err == io.EOF {
						return nil
					}
					if err != nil {
						return err
					}
					conn.Write(bytes.ToUpper(line))
					if err := conn.Drain(t); err != nil {
						return err
					}
				}
			})
		})
		replies := make(chan string, clients)
		for i := range clients {
			go func() {
				conn, err := net.Dial("tcp", addr.String())
				if err != nil {
					replies <- err.Error()
					return
				}
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
				fmt.Fprintf(conn, "from %d\nand on", i)
				fmt.Fprintf(conn, "e more\n")
				conn.(*net.TCPConn).CloseWrite()
				got, err := io.ReadAll(conn)
				if want := fmt.Sprintf("FROM %d\nAND ONE MORE\n", i); string(got) != want || err != nil {
					replies <- fmt.Sprintf("client %d read %q, %v", i, got, err)
					return
				}
				replies <- ""
			}()
		}
		_, err := RunInThread(task, func() (None, error) {
			for range clients {
				if wrong := <-replies; wrong != "" {
					t.Error(wrong)
				}
			}
			return None{}, nil
		})
		server.Cancel()
		if _, err := Await(task, server); err != Cancelled {
			t.Errorf("the server ended with %v", err)
		}
		return err
	})
}

// TestSock: the blocking server's calls with a task, at both ends.
func TestSock(t *testing.T) {
	listener, addr := listen(t)
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	run(t, func(task *Task) error {
		client := Go(task, func(t *Task) (int, error) {
			fd, err := Connect(t, addr)
			if err != nil {
				return 0, err
			}
			defer sys.Close(fd)
			return len(big), WriteAll(t, fd, big)
		})
		fd, err := Accept(task, listener)
		if err != nil {
			return err
		}
		defer sys.Close(fd)
		var got []byte
		for {
			arrived, err := Read(task, fd, 4096)
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			got = append(got, arrived...)
		}
		if !bytes.Equal(got, big) {
			t.Errorf("read %d bytes of %d", len(got), len(big))
		}
		_, err = Await(task, client)
		return err
	})
}

func TestConnectRefused(t *testing.T) {
	listener, addr := listen(t)
	if err := sys.Close(listener); err != nil {
		t.Fatal(err)
	}
	run(t, func(task *Task) error {
		if _, err := Dial(task, addr); err != unix.ECONNREFUSED {
			t.Errorf("dial a refusing address: %v", err)
		}
		return nil
	})
}

func TestStreamEnds(t *testing.T) {
	run(t, func(task *Task) error {
		here, there := pair(t, task)
		here.Write([]byte("line\nrest"))
		here.CloseWrite()
		if line, err := there.ReadUntil(task, []byte("\n")); string(line) != "line\n" || err != nil {
			t.Errorf("%q, %v", line, err)
		}
		if line, err := there.ReadUntil(task, []byte("\n")); string(line) != "rest" || err != io.ErrUnexpectedEOF {
			t.Errorf("%q, %v", line, err)
		}
		if n, err := there.Read(task, make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("%d, %v", n, err)
		}
		there.Write([]byte("answer after the end")) // half-closed: the other way is open
		there.Close()
		if got, err := here.ReadExactly(task, 20); string(got) != "answer after the end" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := here.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write after CloseWrite: %v", err)
		}
		here.Close()
		here.Close()
		if _, err := here.Read(task, make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read after Close: %v", err)
		}

		here, there = pair(t, task)
		defer here.Abort()
		defer there.Abort()
		here.Write([]byte(strings.Repeat("x", readLimit+2)))
		if _, err := there.ReadUntil(task, []byte("\n")); err != ErrLimit {
			t.Errorf("a line without end: %v", err)
		}
		return nil
	})
}

// TestCancelledReaderLosesNothing: a read that a timeout ends loses no bytes.
func TestCancelledReaderLosesNothing(t *testing.T) {
	run(t, func(task *Task) error {
		here, there := pair(t, task)
		defer here.Abort()
		defer there.Abort()
		here.Write([]byte("half"))
		for len(there.in) == 0 {
			Sleep(task, 0)
		}
		err := Timeout(task, 0, func() error {
			_, err := there.ReadExactly(task, 8)
			return err
		})
		if err != TimedOut {
			t.Errorf("half of it there: %v", err)
		}
		here.Write([]byte("done"))
		got, err := there.ReadExactly(task, 8)
		if string(got) != "halfdone" {
			t.Errorf("%q", got)
		}
		return err
	})
}
