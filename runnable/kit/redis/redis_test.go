//go:build linux || darwin

package redis

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"era/internal/hang"
	"era/runnable/kit/aio"
	"era/runnable/kit/sys"
)

// run runs a task; an error fails the test.
func run(t *testing.T, main func(t *aio.Task) error) {
	t.Helper()
	if err := aio.Run(main); err != nil {
		t.Error(err)
	}
}

// each runs a test against a Redis in Go, and against the real one where there is one.
func each(t *testing.T, test func(t *testing.T, addr sys.Addr)) {
	t.Run("miniredis", func(t *testing.T) {
		test(t, netip.MustParseAddrPort(miniredis.RunT(t).Addr()))
	})
	t.Run("redis-server", func(t *testing.T) {
		path, err := exec.LookPath("redis-server")
		if err != nil {
			t.Skip("SKIPPED: redis-server is missing")
		}
		test(t, start(t, path))
	})
}

func start(t *testing.T, path string) sys.Addr {
	t.Helper()
	free, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	_, port, _ := net.SplitHostPort(addr)
	server := exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait() // it was killed: no news
	})
	for end := time.Now().Add(hang.After); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
			return netip.MustParseAddrPort(addr)
		}
		if time.Now().After(end) {
			t.Fatalf("redis-server does not listen: %v", err)
		}
	}
}

func TestDo(t *testing.T) {
	each(t, func(t *testing.T, addr sys.Addr) {
		run(t, func(task *aio.Task) error {
			c, err := Dial(task, Options{Addr: addr, DB: 3})
			if err != nil {
				return err
			}
			defer c.Close()
			large := strings.Repeat("\x00\r\n$", 1<<20)
			for _, x := range []struct {
				command string
				want    Value
			}{
				{"PING", Value{Kind: Simple, Text: "PONG"}},
				{"SET large " + large, Value{Kind: Simple, Text: "OK"}},
				{"GET large", Value{Kind: Bulk, Text: large}},
				{"GET nothing", Value{Kind: Null}},
				{"INCR counter", Value{Kind: Integer, Int: 1}},
				{"RPUSH list a b", Value{Kind: Integer, Int: 2}},
				{"LRANGE list 0 -1", Value{Kind: Array, Items: []Value{{Kind: Bulk, Text: "a"}, {Kind: Bulk, Text: "b"}}}},
				{"LRANGE nothing 0 -1", Value{Kind: Array}},
				{"BLPOP nothing 0.01", Value{Kind: Null}},
				{"BLPOP list 1", Value{Kind: Array, Items: []Value{{Kind: Bulk, Text: "list"}, {Kind: Bulk, Text: "a"}}}},
			} {
				got, err := c.Do(task, strings.Split(x.command, " ")...)
				if err != nil || fmt.Sprint(got) != fmt.Sprint(x.want) {
					t.Errorf("%.40q: %.60v, %v; want %.60v", x.command, got, err, x.want)
				}
			}
			no := Error("")
			if _, err := c.Do(task, "INCR", "large"); !errors.As(err, &no) ||
				!strings.HasPrefix(string(no), "ERR value is not an integer") {
				t.Errorf("INCR of a text: %v", err)
			}
			if got, err := c.Do(task, "PING"); err != nil || got.Text != "PONG" {
				t.Errorf("after an error: %v, %v", got, err)
			}
			return nil
		})
	})
}

// TestPipeline: the commands of many tasks share a connection, and each gets its own reply.
func TestPipeline(t *testing.T) {
	each(t, func(t *testing.T, addr sys.Addr) {
		run(t, func(task *aio.Task) error {
			c, err := Dial(task, Options{Addr: addr})
			if err != nil {
				return err
			}
			defer c.Close()
			owed := 0
			err = aio.WithGroup(task, func(g *aio.Group) error {
				for i := range 100 {
					g.Go(func(t *aio.Task) error {
						me := fmt.Sprint(i)
						replies, err := c.Pipeline(t, Command{"ECHO", me}, Command{"NONSENSE"}, Command{"ECHO", me})
						if err == nil && (replies[0].Text != me || replies[1].Err() == nil || replies[2].Text != me) {
							err = fmt.Errorf("%s got %v", me, replies)
						}
						return err
					})
				}
				aio.Sleep(task, 0)
				owed = c.Owes()
				return nil
			})
			if owed != 300 || c.Owes() != 0 {
				t.Errorf("%d replies owed at once, want 300; %d at the end", owed, c.Owes())
			}
			return err
		})
	})
}

func TestAuth(t *testing.T) {
	m := miniredis.RunT(t)
	m.RequireUserAuth("me", "secret")
	addr := netip.MustParseAddrPort(m.Addr())
	run(t, func(task *aio.Task) error {
		for _, o := range []Options{{Addr: addr}, {Addr: addr, Password: "wrong"},
			{Addr: addr, Username: "me", Password: "wrong", DB: 1}} {
			c, err := Dial(task, o)
			if err == nil {
				_, err = c.Do(task, "PING")
				c.Close()
			}
			if !errors.As(err, new(Error)) {
				t.Errorf("%+v: %v", o, err)
			}
		}
		c, err := Dial(task, Options{Addr: addr, Username: "me", Password: "secret", DB: 1})
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Do(task, "SET", "where", "here")
		if got, _ := m.DB(1).Get("where"); got != "here" {
			t.Errorf("database 1 holds %q", got)
		}
		return err
	})
	run(t, func(task *aio.Task) error {
		if _, err := Dial(task, Options{Addr: netip.MustParseAddrPort("127.0.0.1:1")}); err == nil {
			t.Error("connected to a closed port")
		}
		return nil
	})
}

func TestTimeout(t *testing.T) {
	each(t, func(t *testing.T, addr sys.Addr) {
		run(t, func(task *aio.Task) error {
			c, err := Dial(task, Options{Addr: addr})
			if err != nil {
				return err
			}
			defer c.Close()
			c.timeout = 10 * time.Millisecond
			if _, err := c.Do(task, "BLPOP", "empty", "0.2"); !errors.Is(err, os.ErrDeadlineExceeded) || c.Owes() != 1 {
				t.Errorf("%v, %d replies owed", err, c.Owes())
			}
			c.timeout = 0
			got, err := c.Do(task, "ECHO", "mine")
			if err == nil && got.Text != "mine" {
				t.Errorf("%v", got)
			}
			return err
		})
	})
}
