package asgi

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// socket is a WebSocket: an exchange whose response, if the application accepts, switches the connection to another
// protocol.
type socket struct {
	c       *conn
	denial  exchange // the answer if it does not accept
	inbox   *Outbox  // messages that wait for receive
	room    Bell     // rung when a message was taken
	over    Bell     // rung when reading has ended
	told    bool     // websocket.connect was received
	offered []string // the subprotocols that the client offers

	deflates bool // messages may be compressed; set at accept

	mu     sync.Mutex // for the fields below; held while writing
	phase  socketPhase
	code   int // why it was closed
	reason string

	accepted atomic.Bool
	heard    atomic.Bool // since the last ping
}

type socketPhase int

const (
	connecting socketPhase = iota // the application has not accepted or refused yet
	denying                       // it answers in HTTP instead
	open
	closing // we have sent our close frame, and wait for the client's
	closed
)

// inboxMax is how many messages are read ahead of the application. Beyond that the client has to wait.
const inboxMax = 16

// receive returns websocket.connect, then messages, then the end.
func (s *socket) receive() (Event, error) {
	if !s.told {
		s.told = true
		return Event{Type: WebSocketConnect}, nil
	}
	if !s.accepted.Load() {
		s.c.stream.Watch() // until the application has answered, or the client has left
	}
	if s.accepted.Load() { // a send that waits for the client may hold the lock
		if e, ok := s.inbox.Take(); ok {
			s.room.Ring()
			return e, nil
		}
	}
	if err := s.c.server.engine.Sleep(0); err != nil { // if it is called again and again, others have their turn
		return Event{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase < open {
		s.code = int(ws.StatusAbnormalClosure)
	}
	if s.phase == connecting {
		s.phase = closed
	}
	return Event{Type: WebSocketDisconnect, Code: s.code, Reason: s.reason}, nil
}

// send takes the application's next event.
func (s *socket) send(e Event) error {
	if e.Type == WebSocketClose {
		if e.Code == 0 {
			e.Code = int(ws.StatusNormalClosure)
		}
		if !sendable(e.Code) || len(e.Reason) > 123 || !utf8.ValidString(e.Reason) {
			return errors.New("asgi: the code or reason must not be sent")
		}
		s.c.stream.Within(s.c.server.Linger) // a write that waits for a client may hold the lock
	}
	s.mu.Lock()
	err := s.put(e)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := s.c.stream.Drain(); err != nil {
		return disconnected(err)
	}
	return nil
}

func (s *socket) put(e Event) error {
	switch {
	case s.phase >= closing:
		return ErrDisconnected
	case s.phase == connecting && e.Type == WebSocketAccept:
		return s.accept(e)
	case s.phase == connecting && e.Type == WebSocketClose: // the handshake has not been answered yet: refused
		s.phase, s.code = closed, int(ws.StatusAbnormalClosure)
		s.c.stream.Unwatch()
		s.c.refuse(http.StatusForbidden)
		return nil
	case s.phase == connecting && e.Type == DenialStart, s.phase == denying && e.Type == DenialBody:
		s.phase = denying
		e.Type = strings.TrimPrefix(e.Type, "websocket.")
		return s.denial.put(e)
	case s.phase == open && e.Type == WebSocketSend:
		return s.message(e)
	case s.phase == open && e.Type == WebSocketClose:
		return s.close(e.Code, e.Reason)
	}
	return Misplaced(e)
}

// message sends a message.
func (s *socket) message(e Event) error {
	switch {
	case e.Bytes != nil && e.Text != "":
		return errors.New("asgi: a message is text or binary, not both")
	case e.Bytes != nil:
		return s.write(ws.OpBinary, e.Bytes)
	case !utf8.ValidString(e.Text):
		return errors.New("asgi: the text is not UTF-8")
	}
	return s.write(ws.OpText, []byte(e.Text))
}

// write sends a whole frame.
func (s *socket) write(op ws.OpCode, payload []byte) error {
	frame, err := ws.CompileFrame(s.frame(op, payload))
	if err != nil {
		return err
	}
	if _, err := s.c.stream.Write(frame); err != nil {
		return disconnected(err)
	}
	return nil
}

// close sends our close frame. Input from the client is read until its own close frame, or until Linger has passed.
func (s *socket) close(code int, reason string) error {
	s.phase, s.code, s.reason = closing, code, reason
	s.c.stream.Within(s.c.server.Linger)
	return s.write(ws.OpClose, ws.NewCloseFrameBody(ws.StatusCode(code), reason))
}

// sendable reports whether a close frame may have the code: 1005, 1006 and 1015 mean that no code was sent (RFC 6455,
// section 7.4).
func sendable(code int) bool {
	known := ws.CheckCloseFrameData(ws.StatusCode(code), "") == nil || 1012 <= code && code <= 1014
	return known && 1000 <= code && code <= 4999
}

// goAway closes the socket because the server ends.
func (s *socket) goAway() error {
	s.c.stream.Within(s.c.server.Linger) // a write that waits for the client may hold the lock
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != open {
		return nil
	}
	return s.close(int(ws.StatusGoingAway), "")
}

// finish ends the socket when the application has returned.
func (s *socket) finish(err error) {
	s.c.stream.Unwatch()
	s.c.stream.Within(s.c.server.Linger)
	s.mu.Lock()
	code := ws.StatusNormalClosure
	if err != nil && !errors.Is(err, ErrDisconnected) {
		logged(err)
		code = ws.StatusInternalServerError
	}
	switch {
	case s.phase == open:
		s.close(int(code), "") // an error means that the client has left
	case s.phase == connecting, s.phase == denying && s.denial.phase < sending:
		s.c.refuse(http.StatusInternalServerError)
	case s.phase == denying && (s.denial.phase != complete || s.denial.broken):
		s.c.stream.Abort()
	}
	s.mu.Unlock()
	s.inbox.Close()
	s.room.Ring()
	if s.accepted.Load() {
		s.over.Wait()
	}
}
