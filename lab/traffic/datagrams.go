package traffic

import (
	"context"
	"errors"
	"maps"
	"net"
	"os"
	"slices"

	"era/lab/recording"
)

// datagramTalk has no connection: each request is a datagram, which is answered when it comes back, at any time and in
// any order.
type datagramTalk struct {
	*player
	without
	conn      net.Conn
	unlimited func() bool
	buffer    []byte

	arrivals                // its lock also guards pending and due
	pending  map[string]int // the numbers of those that have not come back, by their content
	received int            // of the arrivals, by the script's Receive steps
}

func newDatagramTalk(p *player) talk {
	return &datagramTalk{player: p, buffer: make([]byte, 64<<10), arrivals: newArrivals(), pending: map[string]int{}}
}

func (t *datagramTalk) connect(ctx context.Context, addr string) (err error) {
	if t.conn, err = net.Dial("udp4", addr); err != nil { // it only records the address: nothing is sent
		return err
	}
	t.port = t.conn.LocalAddr().(*net.UDPAddr).Port
	t.unlimited = limit(ctx, t.conn)
	go t.read(t.next)
	return nil
}

func (t *datagramTalk) send(bytes []byte) error {
	t.mu.Lock()
	t.sent++
	t.pending[string(bytes)] = t.sent
	t.due = append(t.due, t.wanted)
	t.mu.Unlock()
	t.tell(Event{What: Sent, Request: t.sent})
	t.conn.Write(bytes) // an error is about an earlier one that was not received; this one counts as lost as well
	return nil
}

// next receives one datagram.
func (t *datagramTalk) next() error {
	n, err := t.conn.Read(t.buffer)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if number, known := t.pending[string(t.buffer[:n])]; known {
		delete(t.pending, string(t.buffer[:n]))
		t.n++
		t.tell(t.answered(number))
	}
	return nil
}

// receive waits for n more datagrams. If fewer came, that is not an error: the others may be lost.
func (t *datagramTalk) receive(ctx context.Context, n int, _ string) error {
	t.received += n
	t.wait(ctx, t.received)
	return nil
}

func (t *datagramTalk) pause(ctx context.Context) error {
	if !t.sleep(ctx) {
		return errGaveUp
	}
	return nil
}

func (t *datagramTalk) close(context.Context) error { return errDone }

// end counts what has not come back as lost.
func (t *datagramTalk) end(err error) (code int, why error) {
	if t.conn == nil {
		return 0, err
	}
	t.unlimited()
	t.conn.Close()
	<-t.over
	lost := recording.Lost // the client cannot know which side lost it
	if end := t.arrivals.end; !errors.Is(end, net.ErrClosed) && !errors.Is(end, os.ErrDeadlineExceeded) {
		lost = reason(end)
	}
	for _, number := range slices.Sorted(maps.Values(t.pending)) {
		t.tell(Event{What: Failed, Request: number, Why: lost})
	}
	t.settled = t.sent
	return 0, err
}
