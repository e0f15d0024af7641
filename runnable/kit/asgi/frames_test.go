package asgi

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
)

// script is a connection on which bytes arrive in pieces, and then the end of file.
type script struct {
	rest  []byte
	piece int
	wrote []byte
}

func (s *script) Take() ([]byte, error) {
	if len(s.rest) == 0 {
		return nil, io.EOF
	}
	piece := s.rest[:min(s.piece, len(s.rest))]
	s.rest = s.rest[len(piece):]
	return piece, nil
}

func (s *script) Write(p []byte) (int, error) { s.wrote = append(s.wrote, p...); return len(p), nil }
func (s *script) Drain() error                { return nil }
func (s *script) Watch()                      {}
func (s *script) Unwatch()                    {}
func (s *script) Rewatch()                    {}
func (s *script) Within(time.Duration)        {}
func (s *script) CloseWrite()                 {}
func (s *script) Close()                      {}
func (s *script) Abort()                      {}
func (s *script) Addresses() (_, _ Address)   { return }

// transcript lists the results of bytes: messages, answers to the client, and the end.
func transcript(t *testing.T, bytes []byte, deflates bool, piece int) string {
	const most = 200
	stream := &script{rest: bytes, piece: piece}
	s := &socket{c: &conn{server: &Server{MaxMessage: most}, stream: stream}, phase: open, deflates: deflates}
	from := &unframed{socket: s}
	var told strings.Builder
	for {
		e, err := s.next(from)
		var end closeError
		switch {
		case errors.As(err, &end):
			if end.answer != 0 && !sendable(end.answer) {
				t.Errorf("the answer is %d", end.answer)
			}
			return fmt.Sprintf("%s%+v, %q", &told, end, stream.wrote)
		case err != nil:
			return fmt.Sprintf("%s%v, %q", &told, err, stream.wrote)
		case len(e.Text)+len(e.Bytes) > most || !utf8.ValidString(e.Text) || e.Type != WebSocketReceive:
			t.Errorf("no message: %+v", e)
		}
		fmt.Fprintf(&told, "%q %q\n", e.Text, e.Bytes)
	}
}

// packed returns a compressed message.
func packed(message []byte) ws.Frame {
	f, err := wsflate.CompressFrame(ws.NewBinaryFrame(message))
	if err != nil {
		panic(err)
	}
	return f
}

// FuzzFrames: for any bytes from a client, reading ends, the limits hold, and the result is the same in pieces.
func FuzzFrames(f *testing.F) {
	whole := func(frames ...ws.Frame) (bytes []byte) {
		for _, frame := range frames {
			bytes = append(bytes, ws.MustCompileFrame(ws.MaskFrame(frame))...)
		}
		return bytes
	}
	for _, bytes := range [][]byte{
		nil, {0x81}, {0x81, 0xff, 0xff}, {0xc1, 0x80},
		whole(ws.NewTextFrame([]byte("héllo")), ws.NewBinaryFrame(make([]byte, 200)), ws.NewCloseFrame(nil)),
		whole(ws.NewFrame(ws.OpText, false, []byte("a")), ws.NewPingFrame([]byte("p")),
			ws.NewFrame(ws.OpContinuation, true, []byte("\xff"))),
		whole(ws.NewBinaryFrame(make([]byte, 201))),
		whole(ws.NewCloseFrame(ws.NewCloseFrameBody(4000, "why"))),
		whole(packed(make([]byte, 200)), packed(make([]byte, 201))),
		whole(ws.Frame{Header: ws.Header{OpCode: ws.OpText, Rsv: 4, Length: 3}, Payload: []byte("\xf2\x48\xcd")},
			ws.NewFrame(ws.OpContinuation, true, []byte("\xc9\xc9\x07\x00"))), // RFC 7692, section 7.2.3.1
	} {
		f.Add(bytes, false)
		f.Add(bytes, true)
	}
	f.Fuzz(func(t *testing.T, bytes []byte, deflates bool) {
		at, byByte := transcript(t, bytes, deflates, len(bytes)+1), transcript(t, bytes, deflates, 1)
		if at != byByte {
			t.Errorf("at once\n%s\nbyte by byte\n%s", at, byByte)
		}
	})
}
