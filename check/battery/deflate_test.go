//go:build linux || darwin

package battery

import (
	"bufio"
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"

	"era/catalogue"
)

// noise returns data that cannot be compressed.
func noise(n int) string {
	out := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(out) // never fails
	return string(out)
}

// TestDeflate_offers: the server accepts the first offer that it can keep, and answers with what it will do (RFC 7692,
// section 7.1).
func TestDeflate_offers(t *testing.T) {
	const malformed = "malformed" // and refused: see section 4.2.1 of RFC 6455
	const yes = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		for offers, want := range map[string]string{
			"permessage-deflate":                                                         yes,
			"permessage-deflate; client_max_window_bits":                                 yes, // as browsers do
			"permessage-deflate;client_max_window_bits=9":                                yes,
			"permessage-deflate; client_no_context_takeover; server_no_context_takeover": yes,
			"x-unknown, permessage-deflate":                                              yes,
			"x-unknown\r\nSec-WebSocket-Extensions: permessage-deflate":                  yes,
			"permessage-deflate; server_max_window_bits=15": yes +
				"; server_max_window_bits=15",
			"permessage-deflate; server_max_window_bits=10":                                         "",
			"permessage-deflate; server_max_window_bits=\"10\"":                                     "",
			"permessage-deflate; server_max_window_bits=10, permessage-deflate":                     yes, // or otherwise without
			"permessage-deflate; server_max_window_bits=10; client_max_window_bits, x-y; z=\"a,b\"": malformed,
			// invalid offers are declined
			"permessage-deflate; server_max_window_bits":                                                "",
			"permessage-deflate; client_max_window_bits=16":                                             "",
			"permessage-deflate; client_no_context_takeover=1":                                          "",
			"permessage-deflate; dictionary=1":                                                          "",
			"permessage-deflate; client_max_window_bits; client_max_window_bits":                        "",
			"permessage-deflate; client_max_window_bits=9; client_max_window_bits":                      "",
			"permessage-deflate; client_max_window_bits=9; client_max_window_bits=9":                    "",
			"permessage-deflate; server_max_window_bits=15; server_max_window_bits=15":                  "",
			"permessage-deflate; server_no_context_takeover; server_no_context_takeover":                "",
			"permessage-deflate; client_no_context_takeover; client_no_context_takeover":                "",
			"permessage-deflate; client_max_window_bits; client_max_window_bits, permessage-deflate":    yes,
			"permessage-deflate; client_max_window_bits; dictionary, permessage-deflate; dictionary, x": "",
			"permessage-deflate; client_max_window_bits=09":                                             "",
			"permessage-deflate; server_max_window_bits=015":                                            "",
			"permessage-deflate; client_max_window_bits=\"09\"":                                         "",
			"permessage-deflate; client_max_window_bits=\"9\"":                                          yes,
			"permessage-deflate; client_max_window_bits=\"9":                                            malformed,
			"permessage-deflate; client_max_window_bits=":                                               malformed,
			"permessage-deflate; client_max_window_bits=\"\"":                                           malformed,
			"permessage-deflate; client_max_window_bits=+9":                                             "",
			"permessage-deflate; client_max_window_bits=7":                                              "",
			"permessage-deflate; server_max_window_bits=":                                               malformed,
			"permessage-deflate; server_no_context_takeover=\"\"":                                       malformed,
			"permessage-deflate; server_no_context_takeover=true":                                       "",
			"permessage-deflate;":                          malformed,
			"permessage-deflate; ; client_max_window_bits": malformed,
			"permessage-deflate\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=09": yes,
			"permessage-bzip2": "",
			";;,=\"":           malformed,
		} {
			conn := dial(t, s)
			conn.send(knock("Host: test", "Host: test\r\nSec-WebSocket-Extensions: "+offers))
			reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(offers, err)
			}
			got := reply.Header.Get("Sec-WebSocket-Extensions")
			if reply.StatusCode == http.StatusBadRequest {
				got = malformed
			} else if reply.StatusCode != http.StatusSwitchingProtocols {
				t.Errorf("%s: %s", offers, reply.Status)
			}
			if got != want {
				t.Errorf("%s: %q, want %q", offers, got, want)
			}
			conn.Close()
		}
	})
}

// TestDeflate: clients that compress, in both ways that their library has, and one that does not, hear the same.
func TestDeflate(t *testing.T) {
	again := strings.Repeat("h\u00e4llo ", 100)
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		var members []*websocket.Conn
		for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover,
			websocket.CompressionNoContextTakeover} {
			conn, reply, err := websocket.Dial(ctx, "ws://"+s.addr+"/chat",
				&websocket.DialOptions{CompressionMode: mode, CompressionThreshold: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			if asked, got := mode != websocket.CompressionDisabled,
				reply.Header.Get("Sec-WebSocket-Extensions"); asked != (got != "") {
				t.Errorf("mode %d: %q", mode, got)
			}
			conn.SetReadLimit(-1)
			members = append(members, conn)
		}
		for _, speaker := range members {
			for _, word := range []string{"", "x", again, again, strings.Repeat("0123456789", 100_000), noise(100_000)} {
				for kind, said := range map[websocket.MessageType]string{websocket.MessageBinary: word,
					websocket.MessageText: strings.ToValidUTF8(word, "?")} {
					if err := speaker.Write(ctx, kind, []byte(said)); err != nil {
						t.Fatal(err)
					}
					for _, member := range members {
						if got, heard, err := member.Read(ctx); got != kind || string(heard) != said || err != nil {
							t.Fatalf("%v of %d bytes came as %v of %d, %v", kind, len(said), got, len(heard), err)
						}
					}
				}
			}
		}
		for _, member := range members {
			member.CloseNow()
		}
		next(t, s)
		s.checkWell(t)
	})
}

// packed returns a message of n zeros as a client sends it, compressed.
func packed(t *testing.T, n int) string {
	t.Helper()
	f, err := wsflate.CompressFrame(ws.NewBinaryFrame(make([]byte, n)))
	if err != nil {
		t.Fatal(err)
	}
	return frame(end|rsv1|binaryKind, string(f.Payload))
}

// TestDeflate_frames: frames that are compressed, frames that may be, and frames that end the socket.
func TestDeflate_frames(t *testing.T) {
	const most = 1 << 20
	const hello = "\xf2\x48\xcd\xc9\xc9\x07\x00" // RFC 7692, section 7.2.3.1
	whole := func(payload string) string { return frame(end|rsv1|textual, payload) }
	eachASGI(t, func(t *testing.T, v catalogue.Variant) {
		s := start(t, v, "127.0.0.1:1", manyFiles)
		for name, c := range map[string]struct{ send, want string }{
			"a long message": {frame(end|textual, strings.Repeat("a", 256)),
				"packed text " + strings.Repeat("a", 256)},
			"a short one":            {frame(end|textual, strings.Repeat("a", 255)), "text " + strings.Repeat("a", 255)},
			"one that gains nothing": {frame(end|binaryKind, noise(1000)), "binary " + noise(1000)},
			"Hello":                  {whole(hello), "text Hello"},
			"Hello as it is":         {whole("\x00\x05\x00\xfa\xffHello\x00"), "text Hello"}, // 7.2.3.3
			"Hello in a last block":  {whole("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), "text Hello"},
			"Hello in two blocks":    {whole("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), "text Hello"},
			"nothing":                {whole("\x00"), "text"},
			"one that is not compressed": {whole(hello) + frame(end|textual, "hi") + whole(hello),
				"text Hello | text hi | text Hello"},
			"pings between parts": {frame(rsv1|textual, hello[:3]) + frame(end|ping, "1") + frame(more, "") +
				frame(end|ping, "2") + frame(end|more, hello[3:]),
				"pong 1 | pong 2 | text Hello"},
			"as much as may be":      {packed(t, most), "packed binary " + strings.Repeat("\x00", most)},
			"a byte more":            {packed(t, most+1), "close 1009"},
			"a bomb":                 {packed(t, 900*most), "close 1009"},
			"too much on the wire":   {declared(end|rsv1|binaryKind, most+1), "close 1009"},
			"what is not compressed": {whole("Hello"), "close 1007"},
			"less than it promises":  {frame(end|rsv1|binaryKind, "\x00\x14\x00\xeb\xffHello"), "close 1007"},
			"half of it":             {whole(hello[:3]), "close 1007"},
			"no text":                {whole("\x00\x01\x00\xfe\xff\xff\x00"), "close 1007"},
			"RSV1 in the middle":     {frame(rsv1|textual, hello[:3]) + frame(end|rsv1|more, hello[3:]), "close 1002"},
			"RSV1 on a ping":         {frame(end|rsv1|ping, ""), "close 1002"},
			"RSV1 on a close":        {frame(end|rsv1|closing, ""), "close 1002"},
			"RSV2":                   {frame(end|rsv2|textual, "Hello"), "close 1002"},
			"RSV1 and RSV3":          {frame(end|rsv1|rsv3|textual, hello), "close 1002"},
		} {
			in := enter(t, s, "Host: test", "Host: test\r\nSec-WebSocket-Extensions: permessage-deflate")
			in.send(c.send)
			for want := range strings.SplitSeq(c.want, " | ") {
				if got := in.next(); got != want {
					t.Errorf("%s: %s, want %s", name, short(got), short(want))
					break
				}
			}
			in.Close()
		}
		in := enter(t, s, "Host: test", "Host: test\r\nSec-WebSocket-Extensions: permessage-deflate")
		in.send(whole(hello))
		first := in.next()
		in.send(whole("\xf2\x00\x11\x00\x00")) // which refers to it (section 7.2.3.2)
		if second := in.next(); first != "text Hello" || second != "close 1007" {
			t.Errorf("%s, %s", first, second)
		}
		in.Close()
		next(t, s)
		s.checkWell(t)
	})
}
