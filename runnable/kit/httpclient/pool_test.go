package httpclient

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"era/internal/hang"
	"era/runnable/kit/aio"
)

// TestC3_16: ten requests at a time, and the others in line, in order. The server's first ten wait for each
// other, so none of them would be answered if the client sent fewer.
func TestC3_16(t *testing.T) {
	const requests, atOnce = 50, 10
	var mu sync.Mutex
	var order []string
	var together sync.WaitGroup
	together.Add(atOnce)
	now, most := 0, 0
	run(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		order = append(order, r.URL.RawQuery)
		now++
		most = max(most, now)
		first := len(order) <= atOnce
		mu.Unlock()
		if first {
			together.Done()
			together.Wait()
		}
		mu.Lock()
		now--
		mu.Unlock()
	}, func(task *aio.Task, _ *Client, address string) error {
		client := NewAsyncHTTPClient(0)
		defer client.Close()
		var done []*aio.Future[*Response]
		for i := range requests {
			done = append(done, aio.Go(task, func(t *aio.Task) (*Response, error) {
				return client.Fetch(t, HTTPRequest{URL: fmt.Sprintf("%s/?%02d", address, i)})
			}))
		}
		aio.Sleep(task, 0)
		if queued := client.Queued(); queued != requests-atOnce {
			t.Errorf("%d queued, want %d", queued, requests-atOnce)
		}
		if _, err := aio.Await(task, aio.Gather(task, done...)); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if most != atOnce || len(order) != requests {
			t.Errorf("%d requests, %d at once; want %d and %d", len(order), most, requests, atOnce)
		}
		for i, query := range order[:atOnce] { // whichever of the ten came first: none of the others did
			if query >= fmt.Sprint(atOnce) {
				t.Errorf("request %s was the server's number %d", query, i)
			}
		}
		return nil
	})
}

// TestC3_16InOrder: with one place, all come in the order in which they asked.
func TestC3_16InOrder(t *testing.T) {
	order := make(chan string, 9)
	address := serve(t, func(_ int, conn net.Conn) {
		for head, ok := hear(conn); ok; head, ok = hear(conn) {
			order <- head[len("GET /?") : len("GET /?")+1]
			io.WriteString(conn, two)
		}
	})
	err := aio.Run(func(task *aio.Task) error {
		client := NewAsyncHTTPClient(1)
		var done []*aio.Future[*Response]
		for i := range 9 {
			done = append(done, aio.Go(task, func(t *aio.Task) (*Response, error) {
				return client.Fetch(t, HTTPRequest{URL: fmt.Sprintf("%s/?%d", address, i)})
			}))
		}
		aio.Sleep(task, 0)
		done[4].Cancel()
		aio.Await(task, aio.Gather(task, done[:4]...))
		_, err := aio.Await(task, aio.Gather(task, done[5:]...))
		client.Close()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for range 8 {
		got += <-order
	}
	if got != "01235678" {
		t.Errorf("%s", got)
	}
}

// TestFetchTimeouts: Tornado's clocks, and its 599.
func TestFetchTimeouts(t *testing.T) {
	silent := serve(t, func(_ int, conn net.Conn) { hear(conn); hear(conn) })
	err := aio.Run(func(task *aio.Task) error {
		client := NewAsyncHTTPClient(1)
		defer client.Close()
		holder := aio.Go(task, func(t *aio.Task) (*Response, error) { return client.Fetch(t, HTTPRequest{URL: silent}) })
		aio.Sleep(task, 0)
		_, err := client.Fetch(task, HTTPRequest{URL: silent, ConnectTimeout: 10 * time.Millisecond})
		want599(t, err, "in the queue")
		holder.Cancel()
		if _, err := aio.Await(task, holder); err != aio.Cancelled {
			t.Errorf("cancelled: %v", err)
		}
		_, err = client.Fetch(task, HTTPRequest{URL: silent, RequestTimeout: 10 * time.Millisecond})
		want599(t, err, "during the request")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func want599(t *testing.T, err error, while string) {
	t.Helper()
	failed, late := (*HTTPError)(nil), (*TimeoutError)(nil)
	if !errors.As(err, &failed) || failed.Code != 599 || !errors.As(err, &late) || late.While != while ||
		!errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v, want 599 %s", err, while)
	}
}

func TestFetchStatus(t *testing.T) {
	run(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/gone", http.StatusFound)
			return
		}
		http.NotFound(w, r)
	}, func(task *aio.Task, _ *Client, address string) error {
		client := NewAsyncHTTPClient(0)
		defer client.Close()
		r, err := client.Fetch(task, HTTPRequest{URL: address + "/moved"})
		failed := (*HTTPError)(nil)
		if !errors.As(err, &failed) || failed.Code != 404 || failed.Response != r || r.URL != address+"/gone" {
			t.Errorf("%+v, %v", r, err)
		}
		r, err = client.Fetch(task, HTTPRequest{URL: address + "/moved", NoRedirects: true})
		if !errors.As(err, &failed) || failed.Code != 302 {
			t.Errorf("%+v, %v", r, err)
		}
		return nil
	})
}

// TestCancelled: a request that is cancelled in the middle of its reply closes its connection, and the next in line
// gets its place and a connection of its own, with its own reply.
func TestCancelled(t *testing.T) {
	ended, wrote := make(chan bool, 1), make(chan bool, 1)
	address := serve(t, func(n int, conn net.Conn) {
		hear(conn)
		if n == 1 {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it")
			wrote <- true
			_, more := hear(conn)
			ended <- !more
			return
		}
		io.WriteString(conn, two)
		hear(conn)
	})
	with(t, Options{Limits: Limits{MaxConnections: 1}}, func(task *aio.Task, c *Client) error {
		half := aio.Go(task, func(t *aio.Task) (*Response, error) { return c.Get(t, address) })
		whole := aio.Go(task, func(t *aio.Task) (*Response, error) { return c.Get(t, address) })
		for len(wrote) == 0 {
			aio.Sleep(task, time.Millisecond)
		}
		half.Cancel()
		r, err := aio.Await(task, whole)
		if err == nil && r.Text() != "ok" {
			t.Errorf("%q", r.Text())
		}
		if !half.Cancelled() || !<-ended {
			t.Error("the connection of the cancelled request was not closed")
		}
		return err
	})
}

// TestStale: a kept connection that the server closes as the next request comes is tried again once, if that does no
// harm and nothing was answered.
func TestStale(t *testing.T) {
	var connections atomic.Int32
	stale := func(n int, conn net.Conn) {
		connections.Store(int32(n))
		hear(conn)
		io.WriteString(conn, two)
		head, _ := hear(conn)
		switch {
		case strings.HasPrefix(head, "GET /half"):
			io.WriteString(conn, "HTTP")
		case strings.HasPrefix(head, "GET /408"):
			io.WriteString(conn, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		}
	} // and closes without a word
	for name, test := range map[string]struct {
		ask   func(task *aio.Task, c *Client, address string) (*Response, error)
		want  error
		conns int32
	}{
		"408":  {func(t *aio.Task, c *Client, a string) (*Response, error) { return c.Get(t, a+"/408") }, nil, 2},
		"GET":  {func(t *aio.Task, c *Client, a string) (*Response, error) { return c.Get(t, a) }, nil, 2},
		"POST": {func(t *aio.Task, c *Client, a string) (*Response, error) { return c.Post(t, a) }, io.EOF, 1},
		"half of a reply": {func(t *aio.Task, c *Client, a string) (*Response, error) { return c.Get(t, a+"/half") },
			io.ErrUnexpectedEOF, 1},
	} {
		t.Run(name, func(t *testing.T) {
			address := serve(t, stale)
			with(t, Options{}, func(task *aio.Task, c *Client) error {
				if _, err := c.Get(task, address); err != nil {
					return err
				}
				r, err := test.ask(task, c, address)
				if err != test.want || err == nil && r.Text() != "ok" || connections.Load() != test.conns {
					t.Errorf("%+v, %v, over %d connections", r, err, connections.Load())
				}
				return nil
			})
		})
	}
	t.Run("on a new connection", func(t *testing.T) {
		address := serve(t, func(n int, conn net.Conn) { connections.Store(int32(n)); hear(conn) })
		with(t, Options{}, func(task *aio.Task, c *Client) error {
			if _, err := c.Get(task, address); err != io.EOF || connections.Load() != 1 {
				t.Errorf("%v, over %d connections", err, connections.Load())
			}
			return nil
		})
	})
}

// TestNotQuiet: a kept connection that the server closed, or on which it said something unasked, is not used again, not
// even for a POST. The kernel knows, and the loop has had no turn to read it.
func TestNotQuiet(t *testing.T) {
	for name, say := range map[string]string{"closed": "", "unasked": two,
		"a time-out": "HTTP/1.1 408 Request Timeout\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			got := make(chan bool)
			address := serve(t, func(n int, conn net.Conn) {
				hear(conn)
				io.WriteString(conn, two)
				if n == 1 {
					<-got // the reply: what follows comes apart from it
					io.WriteString(conn, say)
				}
				if n > 1 || say != "" {
					hear(conn)
				}
			})
			with(t, Options{}, func(task *aio.Task, c *Client) error {
				if _, err := c.Get(task, address); err != nil {
					return err
				}
				close(got)
				// the loop stands still
				for end := time.Now().Add(hang.After); c.pool.idle[0].Quiet(); time.Sleep(time.Millisecond) {
					if time.Now().After(end) {
						return errors.New("what is in the kernel was not seen")
					}
				}
				r, err := c.Post(task, address)
				if err == nil && r.Text() != "ok" {
					t.Errorf("%+v", r)
				}
				return err
			})
		})
	}
}

// TestIdle: idle connections are kept for their time, and make room for others.
func TestIdle(t *testing.T) {
	talk := func(_ int, conn net.Conn) {
		for _, ok := hear(conn); ok; _, ok = hear(conn) {
			io.WriteString(conn, two)
		}
	}
	one, other := serve(t, talk), serve(t, talk)
	with(t, Options{Limits: Limits{MaxConnections: 1, KeepaliveExpiry: 5 * time.Millisecond}},
		func(task *aio.Task, c *Client) error {
			for _, address := range []string{one, other, one} {
				if _, err := c.Get(task, address); err != nil {
					return err
				}
				if len(c.pool.idle) != 1 || "http://"+c.pool.idle[0].host != address {
					t.Errorf("%d idle", len(c.pool.idle))
				}
			}
			for len(c.pool.idle) > 0 {
				if err := aio.Sleep(task, time.Millisecond); err != nil {
					return err
				}
			}
			return nil
		})
}
