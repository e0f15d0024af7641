package traffic

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gobwas/ws"
)

// What a member of a room listens to, at most: the scenarios have less of it.
const (
	maxHead    = 64 << 10 // bytes of the answer to its handshake
	maxMessage = 64 << 10 // bytes
	maxHeard   = 100_000  // messages
	maxMembers = 1000
)

// hearing is what a member of a room hears, beside what it says.
type hearing struct {
	mu    sync.Mutex
	heard int            // messages
	last  map[string]int // the number of each member's last
	news  chan struct{}  // something was heard
	over  chan struct{}  // closed when nothing more is
	end   error          // then: why
}

// ClosedWith is the end of a WebSocket by the server's close frame.
type ClosedWith struct {
	Code   int
	Reason string
}

func (c ClosedWith) Error() string {
	text := fmt.Sprintf("closed by the server with %d", c.Code)
	if c.Reason != "" {
		text += ", " + strconv.Quote(c.Reason)
	}
	return text
}

// upgraded reads the answer to a handshake, which must have the key.
func upgraded(r *bufio.Reader, key string) error {
	head, err := readHead(r)
	if err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(head)), nil)
	switch {
	case err != nil:
		return cut(err)
	case answer.StatusCode != http.StatusSwitchingProtocols:
		return fmt.Errorf("no WebSocket: status %d", answer.StatusCode)
	case answer.Header.Get("Sec-WebSocket-Accept") != key:
		return errors.New("no WebSocket: another key")
	}
	return nil
}

// readHead reads up to the first empty line: net/http would take a head of any size.
func readHead(r *bufio.Reader) (string, error) {
	var head strings.Builder
	for head.Len() < maxHead {
		line, err := readLine(r)
		if err != nil {
			return "", err
		}
		if head.WriteString(line + "\r\n"); line == "" {
			return head.String(), nil
		}
	}
	return "", fmt.Errorf("no WebSocket: a head of more than %d bytes", maxHead)
}

// listen hears from here on, beside the steps that follow.
func (p *player) listen() {
	if p.deaf {
		p.deaf = false
		p.tell(Event{What: Resumed})
	}
	h := &hearing{last: map[string]int{}, news: make(chan struct{}, 1), over: make(chan struct{})}
	p.hearing = h
	go func() {
		defer close(h.over)
		for h.end == nil {
			h.end = p.hear(h)
		}
	}()
}

// hear takes one frame. Those of servers are not masked; ours come whole, and without pings for as long as we stay.
func (p *player) hear(h *hearing) error {
	header, err := ws.ReadHeader(p.in())
	if err != nil {
		return cut(err)
	}
	if err := ws.CheckHeader(header, ws.StateClientSide); err != nil {
		return err
	}
	if header.Length > maxMessage {
		return fmt.Errorf("a frame of %d bytes: nobody has said so much", header.Length)
	}
	payload := make([]byte, header.Length)
	if _, err := io.ReadFull(p.in(), payload); err != nil {
		return cut(err)
	}
	switch {
	case header.OpCode == ws.OpClose:
		code, reason := ws.ParseCloseFrameData(payload)
		return ClosedWith{int(code), reason}
	case header.OpCode != ws.OpText || !header.Fin:
		return fmt.Errorf("a frame that is no whole text: opcode %d", header.OpCode)
	}
	who, rest, _ := strings.Cut(string(payload), ": ")
	number, _, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("not a message of the room: %.60q", payload)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.heard++; h.heard > maxHeard || len(h.last) > maxMembers {
		return fmt.Errorf("%d messages of %d members: nobody has said so much", h.heard, len(h.last))
	}
	e := Event{What: Heard, Request: h.heard}
	if n != h.last[who]+1 {
		e.Why = fmt.Sprintf("message %d of %s after %d", n, who, h.last[who])
	}
	h.last[who] = n
	p.tell(e)
	if who == p.Name && n == p.settled+1 && n <= p.sent {
		p.settled++
		p.tell(Event{What: Answered, Request: n, Wanted: p.zero + int64(p.due[n-1].Sub(p.start))})
	}
	select {
	case h.news <- struct{}{}:
	default:
	}
	return nil
}

// say sends one message. That the others' are heard meanwhile is another goroutine's care.
func (p *player) say(frame []byte) error {
	if p.hearing == nil {
		return errors.New("the script talks before it listens")
	}
	p.hearing.mu.Lock()
	p.begun++
	p.sent++
	p.due = append(p.due, p.wanted)
	p.tell(Event{What: Sent, Request: p.sent}) // before it is done: it must not be heard earlier
	p.hearing.mu.Unlock()
	_, err := p.conn.Write(frame)
	return err
}

// waitHeard waits until so many messages have been heard.
func (p *player) waitHeard(ctx context.Context, n int) error {
	h := p.hearing
	for {
		h.mu.Lock()
		heard := h.heard
		h.mu.Unlock()
		if heard >= n {
			p.catchUp(time.Now())
			return nil
		}
		select {
		case <-h.news:
		case <-h.over:
			if h.heard < n {
				return h.end
			}
		case <-ctx.Done():
			return errGaveUp
		}
	}
}

// rest pauses. Who does not listen meanwhile keeps the server waiting, if that has something to say.
func (p *player) rest(ctx context.Context) error {
	if p.hearing == nil && !p.deaf {
		p.deaf = true
		p.tell(Event{What: Holding})
	}
	if !p.sleep(ctx) {
		return errGaveUp
	}
	return nil
}

// goodbye waits for the server's answer to our close frame.
func (p *player) goodbye(ctx context.Context) error {
	select {
	case <-p.hearing.over:
		if _, farewell := p.hearing.end.(ClosedWith); farewell {
			return errDone
		}
		return fmt.Errorf("no close frame: %w", p.hearing.end)
	case <-ctx.Done():
		return errGaveUp
	}
}
