package asgi

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
)

// read runs concurrently with the application while the socket is open: it assembles messages, answers pings, and
// notices the end. gobwas/ws parses the frames; it blocks in our Read, and does not depend on tasks.
func (s *socket) read() error {
	from := &unframed{socket: s, rest: s.c.in.Rest()}
	var end closeError
	for {
		e, err := s.next(from)
		if err != nil {
			if !errors.As(err, &end) {
				end = closeError{told: int(ws.StatusAbnormalClosure)} // it ended without a close frame
			}
			break
		}
		for err == nil && !s.inbox.Offer(e) && !s.ended() {
			err = s.room.Wait()
		}
	}
	s.mu.Lock()
	if s.phase == open {
		if end.answer != 0 {
			s.close(end.answer, "") // an error means that the client has left
		} else if end.told == int(ws.StatusNoStatusRcvd) {
			s.write(ws.OpClose, nil)
		}
		s.code, s.reason = end.told, end.reason
	}
	s.phase = closed
	s.mu.Unlock()
	s.inbox.Close()
	s.over.Ring()
	return nil
}

// ended reports whether messages are not received any more.
func (s *socket) ended() bool {
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	return s.inbox.closed
}

// closeError is why reading ends: the codes for the application and for the answer to the client, 0 for none.
type closeError struct {
	told   int
	reason string
	answer int
}

func (e closeError) Error() string { return "asgi: the WebSocket is closed" }

func fail(code ws.StatusCode) closeError { return closeError{told: int(code), answer: int(code)} }

// next reads frames until a message is whole.
func (s *socket) next(from io.Reader) (Event, error) {
	state, kind := ws.StateServerSide, ws.OpContinuation
	var rsv1 wsflate.MessageState // set in the first frame if the message is compressed
	var message bytes.Buffer
	for {
		h, err := ws.ReadHeader(from)
		if err != nil {
			if errors.Is(err, ws.ErrHeaderLengthMSB) {
				err = fail(ws.StatusProtocolError)
			}
			return Event{}, err
		}
		if s.deflates {
			h, _ = rsv1.UnsetBits(h) // elsewhere it stays, and the check fails
		}
		if ws.CheckHeader(h, state) != nil {
			return Event{}, fail(ws.StatusProtocolError)
		}
		if h.OpCode.IsControl() {
			if err := s.control(h, from); err != nil {
				return Event{}, err
			}
			continue
		}
		if h.Length > s.c.server.MaxMessage-int64(message.Len()) {
			return Event{}, fail(ws.StatusMessageTooBig)
		}
		before := message.Len()
		if _, err := io.CopyN(&message, from, h.Length); err != nil { // grows as bytes arrive, not by the length
			return Event{}, err
		}
		ws.Cipher(message.Bytes()[before:], h.Mask, 0)
		if kind == ws.OpContinuation {
			kind = h.OpCode
		}
		state = state.Set(ws.StateFragmented)
		if !h.Fin {
			continue
		}
		content := message.Bytes()
		if rsv1.IsCompressed() {
			if content, err = inflate(&message, s.c.server.MaxMessage); err != nil {
				return Event{}, err
			}
		}
		if kind == ws.OpBinary {
			return Event{Type: WebSocketReceive, Bytes: append([]byte{}, content...)}, nil
		}
		if !utf8.Valid(content) {
			return Event{}, fail(ws.StatusInvalidFramePayloadData)
		}
		return Event{Type: WebSocketReceive, Text: string(content)}, nil
	}
}

// control answers a ping and handles a close frame, for which it returns a closeError.
func (s *socket) control(h ws.Header, from io.Reader) error {
	payload := make([]byte, h.Length)
	if _, err := io.ReadFull(from, payload); err != nil {
		return err
	}
	ws.Cipher(payload, h.Mask, 0)
	switch h.OpCode {
	case ws.OpPing:
		s.mu.Lock()
		var err error
		if s.phase == open {
			err = s.write(ws.OpPong, payload)
		}
		s.mu.Unlock()
		if err != nil {
			return err
		}
		return s.c.stream.Drain() // a client that pings but does not read is not read either
	case ws.OpClose:
		if len(payload) == 0 {
			return closeError{told: int(ws.StatusNoStatusRcvd)}
		}
		code, reason := ws.ParseCloseFrameData(payload)
		if len(payload) < 2 || !sendable(int(code)) {
			return fail(ws.StatusProtocolError)
		}
		if !utf8.ValidString(reason) {
			return fail(ws.StatusInvalidFramePayloadData)
		}
		return closeError{told: int(code), reason: reason, answer: int(code)}
	}
	return nil
}

// unframed reads the bytes of frames.
type unframed struct {
	socket *socket
	rest   []byte
}

func (u *unframed) Read(p []byte) (int, error) {
	if len(u.rest) == 0 {
		arrived, err := u.socket.c.stream.Take()
		if err != nil {
			return 0, err
		}
		u.rest = arrived
		u.socket.heard.Store(true)
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// ping pings every WebSocket from time to time: a client whose network has failed sends no close frame.
func (s *Server) ping() error {
	for {
		if err := s.engine.Sleep(s.Ping); err != nil || s.stopping() {
			return err
		}
		s.mu.Lock()
		var sockets []*socket
		for c := range s.conns {
			if c.socket != nil {
				sockets = append(sockets, c.socket)
			}
		}
		s.mu.Unlock()
		for _, socket := range sockets {
			s.engine.Go(socket.ping)
		}
	}
}

// ping does not wait for the lock: a write that waits for a lost client may hold it.
func (s *socket) ping() error {
	if !s.heard.Swap(false) {
		s.c.stream.Abort()
		return nil
	}
	if !s.mu.TryLock() {
		return nil
	}
	defer s.mu.Unlock()
	if s.phase != open {
		return nil
	}
	return s.write(ws.OpPing, nil)
}
