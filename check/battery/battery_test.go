//go:build linux || darwin

package battery

import (
	"fmt"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"era/catalogue"
	"era/check/servertest"
	"era/internal/hang"
)

// manyFiles is more descriptors than any case needs, few enough for select.
const manyFiles = 512

func TestBattery(t *testing.T) {
	each(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, servertest.Backend(t), manyFiles)
		t.Run("exchange", func(t *testing.T) { testExchanges(t, s) })
		t.Run("client", func(t *testing.T) { testBehaviours(t, s) })
		t.Run("200 connects at once", func(t *testing.T) { testStorm(t, s) })
		s.checkWell(t)
	})
}

// each runs a test for every server in every language, some at a time.
func each(t *testing.T, test func(t *testing.T, v catalogue.Variant)) {
	for _, s := range catalogue.Servers() {
		if !s.DoesTheJob() { // other jobs and mistakes have tests of their own
			continue
		}
		for _, language := range s.Languages {
			v := catalogue.Variant{Server: s, Language: language}
			t.Run(s.ID+"/"+string(language), func(t *testing.T) {
				t.Parallel()
				test(t, v)
			})
		}
	}
}

// testStorm lets 200 clients connect at once, more than the 128 that the kernel keeps for the server.
func testStorm(t *testing.T, s *server) {
	results := make(chan error)
	for range 200 {
		go func() {
			conn, err := net.DialTimeout("tcp", s.addr, patience)
			if err != nil {
				results <- err
				return
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(patience)) // fails only on a closed connection, as the next call would
			if _, err := conn.Write([]byte(get("/"))); err != nil {
				results <- err
				return
			}
			results <- (&client{TCPConn: conn.(*net.TCPConn), once: s.once()}).receive(hello)
		}()
	}
	for range 200 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	next(t, s)
}

func TestBackendDown(t *testing.T) {
	each(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles) // nothing listens on port 1
		c := dial(t, s)
		c.send(get("/ask?delay=5") + get("/") + get("/ask"))
		c.want(badGateway + hello + badGateway)
		c.Close()
		next(t, s)
	})
}

// TestDescriptorsRunOut opens more connections than the server may have descriptors. It must neither end nor forget the
// clients that wait: when some leave, the others are served.
func TestDescriptorsRunOut(t *testing.T) {
	const limit, clients = 32, 48
	each(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, servertest.Backend(t), limit)
		var open []*client
		for range clients {
			open = append(open, dial(t, s))
		}
		if runtime.GOOS == "linux" && !s.alone() && !s.once() { // each of those workers would have to run out by itself
			hang.Await(t, "all descriptors to be taken", func() string {
				if n, _ := s.descriptors(t); n < limit {
					return fmt.Sprintf("%d of %d", n, limit)
				}
				return ""
			})
			hang.Await(t, "a 502, since no descriptor is free for the backend", func() string {
				open[0].send(get("/ask")) // Python may have needed one only for a moment when we looked
				return open[0].status(http.StatusBadGateway)
			})
			open[0].send(get("/"))
			open[0].want(hello)
		}
		leave := clients / 2
		for _, c := range open[:leave] {
			c.Close()
		}
		for _, c := range open[leave:] {
			c.send(get("/"))
			c.want(hello)
			c.Close()
		}
		next(t, s)
		s.checkWell(t)
	})
}
