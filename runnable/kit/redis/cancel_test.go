//go:build linux || darwin

package redis

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"era/internal/hang"
	"era/runnable/kit/aio"
	"era/runnable/kit/sys"
)

// TestCancelledOnConn: the reply to a cancelled command comes late, is read and dropped, and the next asker gets his own.
func TestCancelledOnConn(t *testing.T) {
	each(t, func(t *testing.T, addr sys.Addr) {
		run(t, func(task *aio.Task) error {
			c, err := Dial(task, Options{Addr: addr})
			if err != nil {
				return err
			}
			defer c.Close()
			c.Do(task, "SET", "secret", "of another")
			stray := aio.Go(task, func(t *aio.Task) ([]Value, error) {
				return c.Pipeline(t, Command{"BLPOP", "empty", "0.05"}, Command{"GET", "secret"})
			})
			aio.Sleep(task, 0)
			stray.Cancel()
			if _, err := aio.Await(task, stray); err != aio.Cancelled || c.Owes() != 2 {
				t.Errorf("%v; %d replies owed, want 2", err, c.Owes())
			}
			got, err := c.Do(task, "ECHO", "mine")
			if err == nil && got.Text != "mine" {
				t.Errorf("got %v", got)
			}
			return err
		})
	})
}

// TestCancelledInPool: a connection that owes a reply is closed, and the next asker gets another.
func TestCancelledInPool(t *testing.T) {
	each(t, func(t *testing.T, addr sys.Addr) {
		run(t, func(task *aio.Task) error {
			p := NewPool(1, 0, Options{Addr: addr})
			defer p.Close()
			var owes, clean *Conn
			stray := aio.Go(task, func(t *aio.Task) (Value, error) {
				var reply Value
				err := p.With(t, func(c *Conn) (err error) {
					owes = c
					reply, err = c.Do(t, "BLPOP", "empty", "0") // without a timeout
					return err
				})
				return reply, err
			})
			next := aio.Go(task, func(t *aio.Task) (Value, error) {
				var reply Value
				err := p.With(t, func(c *Conn) (err error) {
					clean = c
					reply, err = c.Do(t, "ECHO", "mine")
					return err
				})
				return reply, err
			})
			for owes == nil || owes.Owes() == 0 {
				aio.Sleep(task, time.Millisecond)
			}
			if p.Waiting() != 1 {
				t.Errorf("%d in line, want 1", p.Waiting())
			}
			stray.Cancel()
			got, err := aio.Await(task, next)
			if err == nil && (got.Text != "mine" || owes == clean || owes.err != ErrClosed || len(p.idle) != 1) {
				t.Errorf("got %v; the same connection: %v; the old one: %v; %d kept", got, owes == clean, owes.err, len(p.idle))
			}
			return err
		})
	})
}

// TestLeftBehind: a connection is lent again unless commands have changed what the next ones mean, however its loan ended.
func TestLeftBehind(t *testing.T) {
	each(t, func(t *testing.T, addr sys.Addr) {
		for commands, kept := range map[string]bool{
			"PING": true, "NONSENSE": true, "GET k; INCR k": true,
			"MULTI": false, "multi; INCR n": false, "MULTI; EXEC": true, "MULTI; INCR n; EXEC": true, "MULTI; DISCARD": true,
			"MULTI; EXEC; MULTI": false,
			"WATCH k":            false, "WATCH k; UNWATCH": true, "WATCH k; MULTI; EXEC": true, "WATCH k; EXEC": false,
			"WATCH k; MULTI; UNWATCH": false, "UNWATCH; WATCH k": false,
			"SELECT 5": false, "SELECT 5; SELECT 0": false, "SUBSCRIBE news": false, "CLIENT SETNAME me": false,
			"HELLO 2": false,
		} {
			for _, atOnce := range []bool{true, false} {
				run(t, func(task *aio.Task) error {
					p := NewPool(1, 0, Options{Addr: addr})
					defer p.Close()
					if _, err := p.Do(task, "SET", "k", "text"); err != nil {
						return err
					}
					failed := errors.New("the body failed")
					err := p.With(task, func(c *Conn) error {
						var all []Command
						for command := range strings.SplitSeq(commands, "; ") {
							all = append(all, strings.Fields(command))
							if !atOnce {
								c.Do(task, all[len(all)-1]...) // Redis refuses some of them, as it should
							}
						}
						if atOnce {
							c.Pipeline(task, all...)
						}
						return failed
					})
					if err != failed || len(p.idle) != 1 && kept || len(p.idle) != 0 && !kept {
						t.Errorf("%s: %v, %d kept", commands, err, len(p.idle))
					}
					v, err := p.Do(task, "PING")
					if v.Text != "PONG" {
						t.Errorf("%s: the next one got %v", commands, v)
					}
					return err
				})
			}
		}
	})
}

// TestLeftBehindUnseen: MULTI was sent, and its asker did not wait for the reply.
func TestLeftBehindUnseen(t *testing.T) {
	each(t, func(t *testing.T, addr sys.Addr) {
		run(t, func(task *aio.Task) error {
			p := NewPool(1, 0, Options{Addr: addr})
			defer p.Close()
			err := p.With(task, func(c *Conn) error {
				begun := aio.Go(task, func(t *aio.Task) (Value, error) { return c.Do(t, "MULTI") })
				aio.Sleep(task, 0)
				begun.Cancel()
				_, err := c.Do(task, "PING")
				return err
			})
			if len(p.idle) != 0 {
				t.Error("its connection was kept")
			}
			return err
		})
	})
}

// TestPool: there are never more connections than allowed; they are reused, and close when they are not needed.
func TestPool(t *testing.T) {
	m := miniredis.RunT(t)
	run(t, func(task *aio.Task) error {
		p := NewPool(3, 10*time.Millisecond, Options{Addr: netip.MustParseAddrPort(m.Addr())})
		defer p.Close()
		err := aio.WithGroup(task, func(g *aio.Group) error {
			for range 20 {
				g.Go(func(t *aio.Task) error {
					_, err := p.Do(t, "BLPOP", "empty", "0.002")
					return err
				})
			}
			aio.Sleep(task, 0)
			if p.Waiting() != 17 {
				t.Errorf("%d in line, want 17", p.Waiting())
			}
			return nil
		})
		if n := m.TotalConnectionCount(); n != 3 {
			t.Errorf("%d connections, want 3", n)
		}
		for m.CurrentConnectionCount() > 0 {
			aio.Sleep(task, time.Millisecond)
		}
		return err
	})
}

// TestServerGone: commands that wait end, kept connections that ended are not handed out, and a server that is back is
// found again.
func TestServerGone(t *testing.T) {
	m := miniredis.RunT(t)
	run(t, func(task *aio.Task) error {
		p := NewPool(2, 0, Options{Addr: netip.MustParseAddrPort(m.Addr())})
		defer p.Close()
		if _, err := p.Do(task, "PING"); err != nil {
			return err
		}
		kept := p.idle[0].Conn
		m.Close()
		for kept.err == nil {
			aio.Sleep(task, time.Millisecond)
		}
		if _, err := kept.Do(task, "PING"); err != ErrClosed {
			t.Errorf("on the old connection: %v", err)
		}
		if _, err := p.Do(task, "PING"); err == nil {
			t.Error("no reply arrived")
		}
		if err := m.Restart(); err != nil {
			return err
		}
		_, err := p.Do(task, "PING")
		return err
	})
}

// TestClosedUnseen: the server has closed a kept connection, and the loop has had no turn to see it. The next asker gets a
// new one.
func TestClosedUnseen(t *testing.T) {
	m := miniredis.RunT(t)
	run(t, func(task *aio.Task) error {
		p := NewPool(1, 0, Options{Addr: netip.MustParseAddrPort(m.Addr())})
		defer p.Close()
		if _, err := p.Do(task, "PING"); err != nil {
			return err
		}
		m.Close()
		// the loop stands still
		for end := time.Now().Add(hang.After); p.idle[0].stream.Quiet(); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				return errors.New("the end of the stream is in the kernel, and was not seen there")
			}
		}
		if err := m.Restart(); err != nil {
			return err
		}
		_, err := p.Do(task, "PING")
		return err
	})
}

// TestRefused: a server that hangs up before the first command says why.
func TestRefused(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			io.WriteString(conn, "-ERR max number of clients reached\r\n")
			conn.Close()
		}
	}()
	run(t, func(task *aio.Task) error {
		c, err := Dial(task, Options{Addr: netip.MustParseAddrPort(listener.Addr().String())})
		if err != nil {
			return err
		}
		defer c.Close()
		for c.err == nil {
			aio.Sleep(task, time.Millisecond)
		}
		if _, err := c.Do(task, "PING"); !errors.Is(err, ErrClosed) ||
			!strings.Contains(err.Error(), "max number of clients") {
			t.Errorf("%v", err)
		}
		return nil
	})
}

// TestHostile: a server that says what is no reply, or replies unasked, is not heard any longer.
func TestHostile(t *testing.T) {
	for say, want := range map[string]error{
		"HTTP/1.1 400 Bad Request\r\n\r\n": ProtocolError("begins with a byte of no kind"),
		"+PONG\r\n+PONG\r\n":               ProtocolError("came unasked"),
		"":                                 ErrClosed,
		"$100\r\nhalf of it":               ErrClosed,
	} {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return // closed: the test is over
			}
			bufio.NewReader(conn).ReadString('G') // of PING
			io.WriteString(conn, say)
			conn.Close()
		}()
		run(t, func(task *aio.Task) error {
			c, err := Dial(task, Options{Addr: netip.MustParseAddrPort(listener.Addr().String())})
			if err != nil {
				return err
			}
			defer c.Close()
			_, err = c.Do(task, "PING")
			for c.err == nil {
				aio.Sleep(task, time.Millisecond)
			}
			if !errors.Is(c.err, want) || err != nil && !errors.Is(err, want) {
				t.Errorf("%q: %v, then %v; want %v", say, err, c.err, want)
			}
			return nil
		})
		listener.Close()
	}
}
