//go:build linux || darwin

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"era/internal/hang"
	"era/runnable/kit/aio"
	"era/runnable/kit/asgi"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

const patience = hang.After

// onBoth runs a test against the application on both engines.
func onBoth(t *testing.T, test func(t *testing.T, addr string)) {
	t.Run("loop", func(t *testing.T) {
		listener := job.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
		bound, err := sys.Getsockname(listener)
		if err != nil {
			t.Fatal(err)
		}
		servers, over := make(chan *asgi.Server, 1), make(chan error, 1)
		go func() {
			over <- aio.Run(func(t *aio.Task) error {
				server := &asgi.Server{App: newApp(asgi.OnLoop(t), netip.MustParseAddrPort("127.0.0.1:1")), Linger: patience,
					Ping: patience}
				servers <- server
				return server.ServeOnLoop(t, listener)
			})
		}()
		server := <-servers
		test(t, bound.String())
		server.Stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	t.Run("goroutines", func(t *testing.T) {
		listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		server := &asgi.Server{App: newApp(asgi.OnGoroutines, netip.MustParseAddrPort("127.0.0.1:1")), Linger: patience,
			Ping: patience}
		over := make(chan error, 1)
		go func() { over <- server.ServeOnGoroutines(listener) }()
		test(t, listener.Addr().String())
		server.Stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
}

// chatter returns n bytes, of which compression leaves three in four.
func chatter(n int) string {
	raw := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(raw) // never fails
	return base64.StdEncoding.EncodeToString(raw)[:n]
}

// join enters the room. A stalled client has the smallest receive buffer, so that the server soon notices that it does
// not read.
func join(
	t testing.TB, ctx context.Context, addr string, stalled bool, mode websocket.CompressionMode,
) *websocket.Conn {
	t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		return errors.Join(raw.Control(func(fd uintptr) {
			if stalled {
				err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1)
			}
		}), err)
	}}
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	conn, _, err := websocket.Dial(ctx, "ws://"+addr+"/chat",
		&websocket.DialOptions{HTTPClient: client, CompressionMode: mode})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	conn.SetReadLimit(1 << 20)
	return conn
}

// TestLaggard: of 200 members of a room one never reads. The others receive every word, in order; the laggard is asked
// to leave. The laggard compresses, and so do the speaker and some of the others.
func TestLaggard(t *testing.T) {
	onBoth(t, func(t *testing.T, addr string) {
		const members, words, batch = 199, 250, 25
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		laggard := join(t, ctx, addr, true, websocket.CompressionNoContextTakeover)
		var all sync.WaitGroup
		kept := make(chan bool, members) // up with a batch
		var speaker *websocket.Conn
		for i := range members {
			mode := websocket.CompressionDisabled
			if i%20 == members%20-1 {
				mode = websocket.CompressionNoContextTakeover
			}
			conn := join(t, ctx, addr, false, mode)
			defer conn.CloseNow() // before the server is stopped, which would wait for it
			speaker = conn
			all.Go(func() {
				for n := range words {
					_, word, err := conn.Read(ctx)
					if err != nil || !strings.HasPrefix(string(word), fmt.Sprintf("%06d", n)) {
						t.Errorf("member %d, word %d: %.20q, %v", i, n, word, err)
						cancel()
						return
					}
					if n%batch == batch-1 {
						kept <- true
					}
				}
			})
		}
		padding := chatter(20 << 10) // in all more than the kernel keeps for a client that does not read
		for n := range words {
			if err := speaker.Write(ctx, websocket.MessageText, fmt.Appendf(nil, "%06d%s", n, padding)); err != nil {
				t.Fatal(err)
			}
			if n%batch != batch-1 {
				continue
			}
			for range members { // the speaker goes on when all listeners have the batch, so that only one is a laggard
				select {
				case <-kept:
				case <-ctx.Done():
					t.Fatal("the room hangs")
				}
			}
		}
		all.Wait()
		n := 0
		for ; ; n++ {
			if _, _, err := laggard.Read(ctx); err != nil {
				if websocket.CloseStatus(err) != tryAgainLater { // the server waits for it long enough here
					t.Errorf("the laggard receives %v", err)
				}
				break
			}
		}
		if n >= words {
			t.Errorf("the laggard received all %d words", n)
		}
	})
}

// TestSay: a full outbox ends a membership, and say does not wait for that.
func TestSay(t *testing.T) {
	r := &room{engine: asgi.OnGoroutines, members: map[*member]bool{}}
	stuck, closed := make(chan bool), make(chan asgi.Event, 1)
	defer close(stuck)
	m := &member{outbox: asgi.NewOutbox(asgi.OnGoroutines, outboxMax), send: func(e asgi.Event) error {
		if e.Type == asgi.WebSocketClose {
			closed <- e
			return nil
		}
		<-stuck
		return nil
	}}
	r.members[m] = true
	go m.talk()
	for range outboxMax + 2 { // one more than the outbox and the talker hold
		r.say(m, asgi.Event{Text: "x"})
	}
	if e := <-closed; e.Code != tryAgainLater || len(r.members) != 0 {
		t.Error(e, len(r.members))
	}
	other := &member{outbox: asgi.NewOutbox(asgi.OnGoroutines, 1)}
	r.members[other] = true
	r.say(m, asgi.Event{Text: "x"})
	if !other.outbox.Offer(asgi.Event{}) {
		t.Error("a member that was asked to leave may still speak")
	}
}

// TestTalkFails: a member that can receive no more messages must not stay. The error is logged.
func TestTalkFails(t *testing.T) {
	var written bytes.Buffer
	logged := make(chan bool)
	log.SetOutput(writer(func(p []byte) (int, error) {
		defer close(logged)
		return written.Write(p)
	}))
	defer log.SetOutput(os.Stderr)
	r := &room{engine: asgi.OnGoroutines, members: map[*member]bool{}}
	events, left := make(chan asgi.Event, 2), make(chan error)
	events <- asgi.Event{Type: asgi.WebSocketConnect}
	events <- asgi.Event{Type: "websocket.receive", Text: "hello"}
	closed := asgi.Event{}
	go func() {
		left <- r.join(func() (asgi.Event, error) { return <-events, nil }, func(e asgi.Event) error {
			switch e.Type {
			case asgi.WebSocketSend:
				return errors.New("a mistake in send")
			case asgi.WebSocketClose:
				closed = e
				events <- asgi.Event{Type: asgi.WebSocketDisconnect}
			}
			return nil
		})
	}()
	select {
	case err := <-left:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the member stays")
	}
	<-logged
	if closed.Code != failure || len(r.members) != 0 || !strings.Contains(written.String(), "a mistake in send") {
		t.Errorf("%v, %d members, log %q", closed, len(r.members), &written)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
