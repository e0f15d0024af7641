//go:build linux || darwin

package clauses

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"

	"era/internal/hang"
)

// patience turns a hang into a failure. Every case takes much less.
const patience = hang.After

// client sends and receives bytes.
type client struct {
	*net.TCPConn
	*bufio.Reader
	t *testing.T
}

func (s *server) dial(t *testing.T) *client {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(s.patience))
	return &client{conn.(*net.TCPConn), bufio.NewReader(conn), t}
}

func (c *client) Read(p []byte) (int, error) { return c.Reader.Read(p) }

func (c *client) say(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.TCPConn, text); err != nil {
		c.t.Fatal(err)
	}
}

// reply reads one response and describes it: its status, its body, and whether the body was cut off. The text of error
// replies is left out, as it differs between servers.
func (c *client) reply() (r *http.Response, said string) {
	c.t.Helper()
	r, err := http.ReadResponse(c.Reader, nil)
	if err != nil {
		var network net.Error
		if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return &http.Response{}, "no reply"
		}
		return &http.Response{}, err.Error()
	}
	body, err := io.ReadAll(r.Body)
	said = fmt.Sprintf("%d %s: %s", r.StatusCode, http.StatusText(r.StatusCode), body) // a reason is often left out
	if r.StatusCode >= 400 && r.StatusCode != http.StatusUnauthorized {
		said = fmt.Sprint(r.StatusCode)
	}
	if err != nil {
		said += " [broken off]"
	}
	return r, said
}

// ask sends a request on its own connection.
func (s *server) ask(t *testing.T, request string) string {
	t.Helper()
	c := s.dial(t)
	defer c.Close()
	c.say(request)
	_, said := c.reply()
	return said
}

// notes waits a limited time for n notes of the applications, and returns those that exist.
func (s *server) notes(t *testing.T, n int) string {
	t.Helper()
	var all []string
	for end := time.Now().Add(s.patience); len(all) < n && time.Now().Before(end); time.Sleep(time.Millisecond) {
		if said := strings.TrimPrefix(s.ask(t, get("/notes")), "200 OK: "); said != "" {
			all = append(all, strings.Split(said, "; ")...)
		}
	}
	return strings.Join(all, "; ")
}

func get(path string, fields ...string) string  { return "GET " + path + head(fields) }
func post(path string, fields ...string) string { return "POST " + path + head(fields) }

func head(fields []string) string {
	return strings.Join(append([]string{" HTTP/1.1", "Host: test"}, fields...), "\r\n") + "\r\n\r\n"
}

func handshake(path string) string {
	return get(path, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
}

// shake opens a WebSocket whose client can send any bytes.
func (s *server) shake(t *testing.T, path string) *client {
	t.Helper()
	c := s.dial(t)
	c.say(handshake(path))
	if r, err := http.ReadResponse(c.Reader, nil); err != nil || r.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(r, err)
	}
	return c
}

func (c *client) frame(f ws.Frame) {
	c.t.Helper()
	f.Payload = bytes.Clone(f.Payload)
	f.Header.Length = int64(len(f.Payload))
	c.say(string(ws.MustCompileFrame(ws.MaskFrame(f))))
}

var kinds = map[ws.OpCode]string{ws.OpText: "text", ws.OpBinary: "binary", ws.OpClose: "close", ws.OpPing: "ping",
	ws.OpPong: "pong"}

// next describes the next frame.
func (c *client) next() string {
	h, err := ws.ReadHeader(c.Reader)
	if err != nil {
		return "the end"
	}
	payload := make([]byte, h.Length)
	if _, err := io.ReadFull(c.Reader, payload); err != nil {
		return "half a frame"
	}
	if h.OpCode == ws.OpClose && len(payload) >= 2 {
		code, reason := ws.ParseCloseFrameData(payload)
		return strings.TrimSpace(fmt.Sprintf("close %d %s", code, reason))
	}
	return strings.TrimSpace(kinds[h.OpCode] + " " + string(payload))
}

// open opens a WebSocket with a third-party client.
func (s *server) open(t *testing.T, path string, protocols ...string) (*websocket.Conn, context.Context,
	*http.Response) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	t.Cleanup(cancel)
	conn, r, err := websocket.Dial(ctx, "ws://"+s.addr+path, &websocket.DialOptions{Subprotocols: protocols})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { conn.CloseNow() })
	return conn, ctx, r
}
