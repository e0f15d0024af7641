//go:build linux || darwin

package asgi

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/gobwas/ws"
)

// wire is a WebSocket whose client can send any bytes.
type wire struct{ client }

func handshake(path, more string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + more + "\r\n"
}

func (r *running) shake() wire {
	r.t.Helper()
	c := r.dial()
	c.say(handshake("/", ""))
	reply, err := http.ReadResponse(c.replies, nil)
	// RFC 6455, section 1.3
	if err != nil || reply.StatusCode != 101 ||
		reply.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		r.t.Fatal(reply, err)
	}
	return wire{c}
}

func (w wire) frame(f ws.Frame) {
	f.Payload = bytes.Clone(f.Payload)
	f.Header.Length = int64(len(f.Payload))
	w.say(string(ws.MustCompileFrame(ws.MaskFrame(f))))
}

var kinds = map[ws.OpCode]string{ws.OpText: "text", ws.OpBinary: "binary", ws.OpClose: "close", ws.OpPing: "ping",
	ws.OpPong: "pong"}

// next describes the next frame.
func (w wire) next() string { return nextFrame(w.replies) }

func nextFrame(from *bufio.Reader) string {
	h, err := ws.ReadHeader(from)
	if err != nil {
		return err.Error()
	}
	payload := make([]byte, h.Length)
	io.ReadFull(from, payload)
	if h.OpCode == ws.OpClose && len(payload) >= 2 {
		code, reason := ws.ParseCloseFrameData(payload)
		return fmt.Sprintf("close %d %s", code, reason)
	}
	if h.OpCode == ws.OpClose {
		return "close"
	}
	return kinds[h.OpCode] + " " + string(payload)
}
