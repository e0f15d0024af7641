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
	"time"

	"github.com/gobwas/ws"
)

// The most that a member of a room accepts: the scenarios have less of it.
const (
	maxHead    = 64 << 10 // bytes of the answer to its handshake
	maxMessage = 64 << 10 // bytes
	maxHeard   = 100_000  // messages
	maxMembers = 1000
)

// roomTalk is the talk of a member of a chat room, with a WebSocket: all hear what each says. A message is answered
// when it comes back to its own sender.
type roomTalk struct {
	stream
	heard    *arrivals      // nil until it listens; its lock also guards sent, settled and due
	last     map[string]int // the number of each member's last message
	received int            // of heard, by the script's Receive steps
	silent   bool           // it has paused before it listened
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

// readHead reads up to the first empty line: net/http would accept a head of any size.
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

// hear reads the answer to the handshake, which must have the key.
func (t *roomTalk) hear(key string) error { return upgraded(t.in(), key) }

// listen reads from here on, in parallel with the steps that follow.
func (t *roomTalk) listen() error {
	if t.silent {
		t.silent = false
		t.tell(Event{What: Resumed})
	}
	heard := newArrivals()
	t.heard, t.last = &heard, map[string]int{}
	go t.heard.read(t.next)
	return nil
}

// next takes one frame. Frames of servers are not masked; our servers send whole messages, and no pings while we stay.
func (t *roomTalk) next() error {
	header, err := ws.ReadHeader(t.in())
	if err != nil {
		return cut(err)
	}
	if err := ws.CheckHeader(header, ws.StateClientSide); err != nil {
		return err
	}
	if header.Length > maxMessage {
		return fmt.Errorf("a frame of %d bytes, which is more than was sent", header.Length)
	}
	payload := make([]byte, header.Length)
	if _, err := io.ReadFull(t.in(), payload); err != nil {
		return cut(err)
	}
	switch {
	case header.OpCode == ws.OpClose:
		code, reason := ws.ParseCloseFrameData(payload)
		return ClosedWith{int(code), reason}
	case header.OpCode != ws.OpText || !header.Fin:
		return fmt.Errorf("a frame that is not a whole text: opcode %d", header.OpCode)
	}
	who, rest, _ := strings.Cut(string(payload), ": ")
	number, _, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("not a message of the room: %.60q", payload)
	}
	t.heard.mu.Lock()
	defer t.heard.mu.Unlock()
	if t.heard.n++; t.heard.n > maxHeard || len(t.last) > maxMembers {
		return fmt.Errorf("%d messages of %d members, which is more than were sent", t.heard.n, len(t.last))
	}
	e := Event{What: Heard, Request: t.heard.n}
	if n != t.last[who]+1 {
		e.Why = fmt.Sprintf("message %d of %s after %d", n, who, t.last[who])
	}
	t.last[who] = n
	t.tell(e)
	if who == t.Name && n == t.settled+1 && n <= t.sent {
		t.settled++
		t.tell(t.answered(n))
	}
	return nil
}

// send sends one message, whole in its frame.
func (t *roomTalk) send(frame []byte) error {
	if t.heard == nil {
		return errors.New("the script talks before it listens")
	}
	t.heard.mu.Lock()
	t.begun++
	t.sent++
	t.due = append(t.due, t.wanted)
	t.tell(Event{What: Sent, Request: t.sent}) // reported before it is done: it must not be heard earlier
	t.heard.mu.Unlock()
	return t.say(frame)
}

// receive waits until n more messages have been heard, from any member.
func (t *roomTalk) receive(ctx context.Context, n int, _ string) error {
	t.received += n
	err := t.heard.wait(ctx, t.received)
	if err == nil {
		t.catchUp(time.Now())
	}
	return err
}

// pause waits. A member that does not listen meanwhile keeps the server waiting, if the server has something to send.
func (t *roomTalk) pause(ctx context.Context) error {
	if t.heard == nil && !t.silent {
		t.silent = true
		t.tell(Event{What: Holding})
	}
	if !t.sleep(ctx) {
		return errGaveUp
	}
	return nil
}

// close waits for the server's answer to our close frame.
func (t *roomTalk) close(ctx context.Context) error {
	select {
	case <-t.heard.over:
		if _, farewell := t.heard.end.(ClosedWith); farewell {
			return errDone
		}
		return fmt.Errorf("no close frame: %w", t.heard.end)
	case <-ctx.Done():
		return errGaveUp
	}
}

func (t *roomTalk) end(err error) (code int, why error) {
	t.stream.end(nil)
	if t.heard == nil {
		return 0, err
	}
	<-t.heard.over
	farewell, is := t.heard.end.(ClosedWith)
	if is && err != errDone {
		err = farewell // not the failure to write to a server that had left
	}
	return farewell.Code, err
}
