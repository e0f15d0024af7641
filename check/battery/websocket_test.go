//go:build linux || darwin

package battery

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"

	"era/catalogue"
)

// knock returns a handshake as RFC 6455 requires it, section 4.2.1, with changes.
func knock(changes ...string) string {
	return strings.NewReplacer(changes...).Replace("GET /chat HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
}

// TestHandshakes: which handshakes are accepted, and how the others are refused.
func TestHandshakes(t *testing.T) {
	const otherVersion = "426 Upgrade Required13"
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		for name, c := range map[string]struct{ send, want string }{
			"as it should be": {knock(), "101 Switching Protocols"},
			"in other letters": {knock("Upgrade: websocket", "uPGRADE: WebSocket", "Connection: Upgrade",
				"cONNECTION: uPGRADE"), "101 Switching Protocols"},
			"one of several options": {knock("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
				"101 Switching Protocols"},
			"options on two lines": {knock("Connection: Upgrade", "Connection: keep-alive\r\nConnection: Upgrade"),
				"101 Switching Protocols"},
			"one of several protocols": {knock("Upgrade: websocket", "Upgrade: h2c, websocket"), "101 Switching Protocols"},
			"a body of nothing":        {knock("Host: test", "Host: test\r\nContent-Length: 0"), "101 Switching Protocols"},
			"extensions": {knock("Host: test", "Host: test\r\nSec-WebSocket-Extensions: x-unknown; a=\"b\" ; c, , y"),
				"101 Switching Protocols"},
			"extensions that are none": {knock("Host: test", "Host: test\r\nSec-WebSocket-Extensions: x-unknown; a=\"b,c\", ;;"), "400 Bad Request"},
			"no key":                   {knock("Sec-WebSocket-Key", "X"), "400 Bad Request"},
			"an empty key":             {knock("dGhlIHNhbXBsZSBub25jZQ==", ""), "400 Bad Request"},
			"a short key":              {knock("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="), "400 Bad Request"},
			"a long key": {knock("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZSBpcyB0b28gbG9uZw=="),
				"400 Bad Request"},
			"a key that is not base 64": {knock("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j!!=="), "400 Bad Request"},
			"two keys":                  {knock("Host: test", "Host: test\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), "400 Bad Request"},
			"no version":                {knock("Sec-WebSocket-Version", "X"), otherVersion},
			"another version":           {knock("Version: 13", "Version: 8"), otherVersion},
			"an extension of no name":   {knock("Host: test", "Host: test\r\nSec-WebSocket-Extensions: (foo)"), "400 Bad Request"},
			"a parameter of no name":    {knock("Host: test", "Host: test\r\nSec-WebSocket-Extensions: permessage-deflate; ; x"), "400 Bad Request"},
			"an open quote":             {knock("Host: test", "Host: test\r\nSec-WebSocket-Extensions: permessage-deflate; a=\"b"), "400 Bad Request"},
			"a value that is not there": {knock("Host: test", "Host: test\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits="), "400 Bad Request"},
			"two words for a protocol":  {knock("Host: test", "Host: test\r\nSec-WebSocket-Protocol: a b"), "400 Bad Request"},
			"no host":                   {knock("Host: test\r\n", ""), "400 Bad Request"},
			"another method":            {knock("GET ", "POST "), "400 Bad Request"},
			"a body":                    {knock("Host: test", "Host: test\r\nContent-Length: 5") + "12345", "400 Bad Request"},
			"chunks": {knock("Host: test", "Host: test\r\nTransfer-Encoding: chunked") + "0\r\n\r\n",
				"400 Bad Request"},
			// Then it is a plain request, and /chat is not a page.
			"an old HTTP":  {knock("HTTP/1.1", "HTTP/1.0"), "404 Not Found"},
			"no upgrade":   {knock("Connection: Upgrade", "Connection: close"), "404 Not Found"},
			"another path": {knock("/chat", "/chatter"), "403 Forbidden"},
		} {
			conn := dial(t, s)
			conn.send(c.send)
			reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got := reply.Status + strings.Join(reply.Header["Sec-Websocket-Version"], ", "); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
			conn.Close()
		}
		next(t, s)
		s.checkWell(t)
	})
}

// socket is a WebSocket whose client sends anything. It is alone in its room, and hears itself.
type socket struct {
	*client
	frames *bufio.Reader
}

func enter(t *testing.T, s *server, changes ...string) *socket {
	t.Helper()
	return entered(t, dial(t, s), changes...)
}

func entered(t *testing.T, c *client, changes ...string) *socket {
	t.Helper()
	c.send(knock(changes...))
	in := &socket{c, bufio.NewReader(c)}
	reply, err := http.ReadResponse(in.frames, nil)
	if err != nil || reply.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(reply, err)
	}
	return in
}

var frameNames = map[ws.OpCode]string{ws.OpText: "text", ws.OpBinary: "binary", ws.OpClose: "close", ws.OpPing: "ping",
	ws.OpPong: "pong"}

// next returns the server's next frame in words.
func (c *socket) next() string {
	f, err := ws.ReadFrame(c.frames) //lint:ignore SA1019 our own servers' frames are short
	switch {
	case err != nil:
		return err.Error()
	case f.Header.OpCode.IsData() && f.Header.Rsv == 4:
		if f, err = wsflate.DecompressFrame(f); err != nil {
			return err.Error()
		}
		return "packed " + frameNames[f.Header.OpCode] + " " + string(f.Payload)
	case f.Header.Masked || f.Header.Rsv != 0 || !f.Header.Fin:
		return fmt.Sprintf("a frame that no server sends: %+v", f.Header)
	case f.Header.OpCode == ws.OpClose && len(f.Payload) >= 2:
		code, reason := ws.ParseCloseFrameData(f.Payload)
		return strings.TrimSpace(fmt.Sprint("close ", code, " ", reason))
	}
	return strings.TrimSpace(frameNames[f.Header.OpCode] + " " + string(f.Payload))
}

// frame returns a client's frame, as it is on the wire. op may have the reserved bits set, and lack the end bit.
func frame(first byte, payload string) string {
	f := ws.MaskFrame(ws.NewFrame(ws.OpCode(first&15), first&0x80 != 0, []byte(payload)))
	f.Header.Rsv = first >> 4 & 7
	return string(ws.MustCompileFrame(f))
}

// declared returns the head of a frame that announces its length, with a mask of zeros, and nothing after it.
func declared(first byte, length uint64) string {
	return string(binary.BigEndian.AppendUint64([]byte{first, 0xff}, length)) + "\x00\x00\x00\x00"
}

// First bytes of frames: the end bit and the kind (RFC 6455, section 5.2).
const (
	end, rsv1, rsv2, rsv3                          = 0x80, 0x40, 0x20, 0x10
	more, textual, binaryKind, closing, ping, pong = 0, 1, 2, 8, 9, 10
)

// TestFrames: a frame that no client should send ends the WebSocket with a code that says why, and the server goes on.
func TestFrames(t *testing.T) {
	parts := frame(textual, "") + strings.Repeat(frame(more, "x"), 10_000) + frame(end|more, "y")
	long := strings.Repeat("x", 10_000) + "y"
	euro := "\u20ac" // three bytes
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		for name, c := range map[string]struct{ send, want string }{
			"a text":             {frame(end|textual, "hi"), "text hi"},
			"no text":            {frame(end|textual, "") + frame(end|binaryKind, ""), "text|binary"},
			"ten thousand parts": {parts, "text " + long},
			"ten thousand empty parts": {frame(textual, "a") + strings.Repeat(frame(more, ""), 10_000) + frame(end|more, "z"),
				"text az"},
			"a character in two parts": {frame(textual, euro[:1]) + frame(more, euro[1:2]) + frame(end|more, euro[2:]),
				"text " + euro},
			"half a character":       {frame(textual, euro[:1]) + frame(end|more, euro[1:2]), "close 1007"},
			"a surrogate":            {frame(end|textual, "\xed\xa0\x80"), "close 1007"},
			"bytes that are no text": {frame(end|binaryKind, "\xff"), "binary \xff"},
			"pings between parts": {frame(textual, "a") + frame(end|ping, "1") + frame(more, "b") + frame(end|ping, "2") +
				frame(end|pong, "?") + frame(end|more, "c"), "pong 1|pong 2|text abc"},
			"the largest ping": {frame(end|ping, strings.Repeat("p", 125)), "pong " + strings.Repeat("p", 125)},
			"pongs without " +
				"a ping": {strings.Repeat(frame(end|pong, "!"), 1000) + frame(end|textual, "x"), "text x"},
			"a flood of pings": {strings.Repeat(frame(end|ping, "p"), 10_000),
				strings.TrimSuffix(strings.Repeat("pong p|", 10_000), "|")},
			"a ping that is too large": {frame(end|ping, strings.Repeat("p", 126)), "close 1002"},
			"a huge ping":              {declared(end|ping, 1<<62), "close 1002"},
			"a ping in parts":          {frame(ping, "p"), "close 1002"},
			"a close in parts":         {frame(closing, ""), "close 1002"},
			"no mask":                  {"\x81\x01x", "close 1002"},
			"a ping without a mask":    {"\x89\x00", "close 1002"},
			"reserved bit 1":           {frame(end|rsv1|textual, "x"), "close 1002"},
			"reserved bit 2":           {frame(end|rsv2|textual, "x"), "close 1002"},
			"reserved bit 3":           {frame(end|rsv3|ping, ""), "close 1002"},
			"a reserved bit in a part": {frame(textual, "x") + frame(end|rsv1|more, "y"), "close 1002"},
			"kind 3":                   {frame(end|3, "x"), "close 1002"},
			"kind 7":                   {frame(end|7, ""), "close 1002"},
			"kind 11":                  {frame(end|11, ""), "close 1002"},
			"kind 15":                  {frame(end|15, ""), "close 1002"},
			"the middle of nothing":    {frame(more, "x"), "close 1002"},
			"the end of nothing":       {frame(end|more, "x"), "close 1002"},
			"a message in a message":   {frame(textual, "x") + frame(end|binaryKind, "y"), "close 1002"},
			"as large as may be": {frame(end|binaryKind, strings.Repeat("x", 1<<20)),
				"binary " + strings.Repeat("x", 1<<20)},
			"a byte more":                    {declared(end|binaryKind, 1<<20+1), "close 1009"},
			"a byte more in parts":           {frame(binaryKind, strings.Repeat("x", 1<<20)) + frame(more, "x"), "close 1009"},
			"a length of 2^62":               {declared(end|textual, 1<<62), "close 1009"},
			"a length of 2^63":               {declared(end|textual, 1<<63), "close 1002"},
			"a length of 2^64-1":             {declared(end|textual, 1<<64-1), "close 1002"},
			"a close":                        {frame(end|closing, ""), "close"},
			"a close with a reason":          {frame(end|closing, "\x03\xe8"+euro), "close 1000"},
			"a close with a code of its own": {frame(end|closing, "\x0f\xa1"), "close 4001"},
			"a close of one byte":            {frame(end|closing, "\x03"), "close 1002"},
			"a close with 999":               {frame(end|closing, "\x03\xe7"), "close 1002"},
			"a close with 1004":              {frame(end|closing, "\x03\xec"), "close 1002"},
			"a close with 1005":              {frame(end|closing, "\x03\xed"), "close 1002"},
			"a close with 1006":              {frame(end|closing, "\x03\xee"), "close 1002"},
			"a close with 1015":              {frame(end|closing, "\x03\xf7"), "close 1002"},
			"a close with 1016":              {frame(end|closing, "\x03\xf8"), "close 1002"},
			"a close with 2999":              {frame(end|closing, "\x0b\xb7"), "close 1002"},
			"a close with 5000":              {frame(end|closing, "\x13\x88"), "close 1002"},
			"a close with 65535":             {frame(end|closing, "\xff\xff"), "close 1002"},
			"a close with a bad reason":      {frame(end|closing, "\x03\xe8\xff"), "close 1007"},
			"a close and more":               {frame(end|closing, "\x03\xe8") + frame(end|textual, "too late"), "close 1000"},
			"a close in a message":           {frame(textual, "x") + frame(end|closing, "\x03\xe8"), "close 1000"},
		} {
			in := enter(t, s)
			go io.WriteString(in, c.send) // if it fails, the reading fails as well
			got := ""
			for want := range strings.SplitSeq(c.want, "|") {
				if got = in.next(); got != want {
					t.Errorf("%s: %s, want %s", name, short(got), short(want))
					break
				}
			}
			if !strings.HasPrefix(got, "close") { // it is still open
				in.send(frame(end|closing, ""))
				if got := in.next(); got != "close" {
					t.Errorf("%s: at the end %s", name, short(got))
				}
			}
			in.CloseWrite()
			if rest, err := io.ReadAll(in.frames); len(rest) > 0 || err != nil {
				t.Errorf("%s: behind the end %s, %v", name, short(string(rest)), err)
			}
		}
		next(t, s)
		s.checkWell(t)
	})
}

// TestFrames_pieces: frames may arrive in any pieces, the first with the handshake.
func TestFrames_pieces(t *testing.T) {
	const large = 70_000
	send := knock() + frame(textual, "one ") + frame(end|ping, "p") + frame(end|more, "two") +
		frame(end|binaryKind, strings.Repeat("x", large))
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		for _, piece := range []int{1, 7, len(send)} {
			c := dial(t, s)
			go func() {
				for at := 0; at < len(send); at += piece {
					if piece < 100 && at > len(send)-large { // the rest is like what was sent
						piece = large
					}
					if _, err := io.WriteString(c, send[at:min(at+piece, len(send))]); err != nil {
						return // then the reading fails as well
					}
				}
			}()
			in := &socket{c, bufio.NewReader(c)}
			if _, err := http.ReadResponse(in.frames, nil); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"pong p", "text one two", "binary " + strings.Repeat("x", large)} {
				if got := in.next(); got != want {
					t.Fatalf("in pieces of %d: %s", piece, short(got))
				}
			}
			c.Close()
		}
		next(t, s)
		s.checkWell(t)
	})
}

// TestSocketsEnd: clients that leave in any way, or never read, leave nothing behind.
func TestSocketsEnd(t *testing.T) {
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		for _, leave := range []func(in *socket){
			func(in *socket) { in.Close() },
			func(in *socket) { in.reset() },
			func(in *socket) { in.CloseWrite(); io.Copy(io.Discard, in.frames) },
			func(in *socket) { in.send(frame(textual, "half a message")); in.Close() },
			func(in *socket) { in.send(declared(end|textual, 1000) + "half"); in.reset() },
			func(in *socket) { in.send(frame(end|closing, "\x03\xe8")); in.reset() },
			func(in *socket) { in.send("\x81\x01x"); in.Close() },
		} {
			for range 20 {
				leave(enter(t, s))
			}
		}
		// It sends pings and never reads the pongs, until the server stops reading.
		stalled := entered(t, dialStalled(t, s))
		pings := []byte(strings.Repeat(frame(end|ping, strings.Repeat("p", 125)), 1000))
		sent := 0
		for range 1000 {
			stalled.SetWriteDeadline(time.Now().Add(time.Second))
			n, err := stalled.Write(pings)
			if sent += n; err != nil {
				break
			}
		}
		if sent >= 1000*len(pings) {
			t.Errorf("it took %d bytes of pings", sent)
		}
		stalled.reset()
		next(t, s)
		s.checkWell(t)
	})
}
