//go:build linux || darwin

package battery

import (
	"fmt"
	"strings"
	"testing"
)

// reply returns a whole reply. All servers in all languages send exactly these bytes.
func reply(status, body string) string { return replyHead(status, len(body), "") + body }

// lastReply returns a reply after which the server closes.
func lastReply(status, body string) string {
	return replyHead(status, len(body), "Connection: close\r\n") + body
}

func replyHead(status string, length int, more string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n", status, length, more)
}

// firstAndLast returns the first of some replies, in the words of a server that closes after each.
func firstAndLast(replies string) string {
	head, rest, whole := strings.Cut(replies, "\r\n\r\n")
	if !whole {
		return replies // a part of a reply
	}
	const closing = "\r\nConnection: close"
	var length int
	if _, said, ok := strings.Cut(head, "Content-Length: "); ok {
		fmt.Sscan(said, &length) // the format is ours
	}
	return strings.TrimSuffix(head, closing) + closing + "\r\n\r\n" + rest[:min(length, len(rest))]
}

var (
	hello      = reply("200 OK", "hello\n")
	lastHello  = lastReply("200 OK", "hello\n")
	notFound   = reply("404 Not Found", "Not Found\n")
	badRequest = lastReply("400 Bad Request", "Bad Request\n")
	noBody     = lastReply("501 Not Implemented", "Not Implemented\n")
	tooLarge   = lastReply("431 Request Header Fields Too Large", "Request Header Fields Too Large\n")
	badGateway = reply("502 Bad Gateway", "Bad Gateway\n")
)

// exchanges are what a client sends and every byte that it receives for it. closes: the server ends the connection by
// itself; otherwise the connection must be usable for one more request.
var exchanges = []struct {
	name   string
	send   string
	want   string
	closes bool
}{
	{name: "hello", send: get("/"), want: hello},
	{name: "hello with a query", send: get("/?a=b"), want: hello},
	{name: "absolute form", send: get("http://test/"), want: hello},
	{name: "no space after the colon", send: "GET / HTTP/1.1\r\nHost:test\r\nX:  spaces  \r\n\r\n", want: hello},
	{name: "an empty body is none", send: get("/", "Content-Length: 0"), want: hello},
	{name: "another method", send: "DELETE / HTTP/1.1\r\nHost: test\r\n\r\n", want: hello},
	{name: "keep-alive", send: get("/", "Connection: keep-alive"), want: hello},
	{name: "empty lines first", send: "\r\n\r\n\r\n" + get("/") + "\r\n" + get("/"), want: hello + hello},
	{name: "ask", send: get("/ask?delay=5"), want: reply("200 OK", waited(5, 0))},
	{name: "ask for nothing", send: get("/ask"), want: reply("200 OK", waited(0, 0))},
	{name: "the query as it was sent", send: get("/ask?x=%2F+%20&delay=1"), want: reply("200 OK", waited(1, 0))},
	{name: "ask a slow backend", send: get("/ask?drip=1&size=200"), want: reply("200 OK", waited(0, 200))},
	{name: "ask for 4 MiB", send: get("/ask?size=4194304"), want: reply("200 OK", waited(0, 4<<20))},
	{name: "the backend hangs up", send: get("/ask?hangup=1"), want: badGateway},
	{name: "burn", send: get("/burn?ms=5"), want: reply("200 OK", "burned 5 ms\n")},
	{name: "burn between others", send: get("/") + get("/burn?ms=2") + get("/"),
		want: hello + reply("200 OK", "burned 2 ms\n") + hello},
	{name: "unknown path", send: get("/nowhere"), want: notFound},
	{name: "a longer path", send: get("/ask/"), want: notFound},
	{
		name: "pipelined", want: hello + reply("200 OK", waited(3, 0)) + notFound + hello,
		send: get("/") + get("/ask?delay=3") + get("/nowhere") + get("/"),
	},
	{name: "fifty pipelined", send: strings.Repeat(get("/"), 50), want: strings.Repeat(hello, 50)},
	{name: "HEAD", send: "HEAD / HTTP/1.1\r\nHost: test\r\n\r\n", want: replyHead("200 OK", 6, "")},
	{name: "HEAD of ask", send: "HEAD /ask HTTP/1.1\r\nHost: test\r\n\r\n",
		want: replyHead("200 OK", len(waited(0, 0)), "")},
	{name: "a head of 8 KiB", send: sized(8 << 10), want: hello},

	{name: "close", send: get("/", "Connection: close"), want: lastHello, closes: true},
	{name: "close in other words", send: get("/", "connection: TE, Close"), want: lastHello, closes: true},
	{name: "close after ask", send: get("/ask", "Connection: close"), want: lastReply("200 OK", waited(0, 0)),
		closes: true},
	{name: "nothing after close", send: get("/", "Connection: close") + get("/"), want: lastHello, closes: true},
	{name: "HTTP/1.0", send: "GET / HTTP/1.0\r\n\r\n", want: lastHello, closes: true},
	{name: "nonsense", send: "what is this\r\n\r\n", want: badRequest, closes: true},
	{name: "no version", send: "GET /\r\n\r\n", want: badRequest, closes: true},
	{name: "another protocol", send: "GET / SPDY/3\r\n\r\n", want: badRequest, closes: true},
	{name: "a version with letters", send: "GET / HTTP/one\r\n\r\n", want: badRequest, closes: true},
	{name: "no path", send: "GET  HTTP/1.1\r\nHost: test\r\n\r\n", want: badRequest, closes: true},
	{name: "a method that is no token", send: "G@T / HTTP/1.1\r\nHost: test\r\n\r\n", want: badRequest, closes: true},
	{name: "a header without colon", send: "GET / HTTP/1.1\r\nHost test\r\n\r\n", want: badRequest, closes: true},
	{name: "a space before the colon", send: "GET / HTTP/1.1\r\nHost : test\r\n\r\n", want: badRequest, closes: true},
	{name: "a header without name", send: "GET / HTTP/1.1\r\nHost: test\r\n: x\r\n\r\n", want: badRequest, closes: true},
	{name: "a body", send: "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello", want: noBody, closes: true},
	{name: "a chunked body", send: "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", want: noBody, closes: true},
	{name: "a length that is no number", send: get("/", "Content-Length: five"), want: badRequest, closes: true},
	{name: "burn for too long", send: get("/burn?ms=2001"), want: badRequest, closes: true},
	{name: "good, then bad", send: get("/") + "nonsense\r\n\r\n" + get("/"), want: hello + badRequest, closes: true},
	{name: "a head of 8 KiB and a byte", send: sized(8<<10 + 1), want: tooLarge, closes: true},
	{name: "a head without end", send: endless(16 << 10), want: tooLarge, closes: true},
	{name: "a megabyte of head", send: endless(1 << 20), want: tooLarge, closes: true},
}

// sized returns a request whose head has n bytes in all.
func sized(n int) string { return get("/", "X: "+strings.Repeat("x", n-len(get("/", "X: ")))) }

// endless returns the beginning of a head that never ends.
func endless(n int) string { return sized(n)[:n-4] }

// testExchanges sends every exchange three times: in one write, in two, and, if it is short, byte by byte. TCP may join
// separate writes and split one write: the replies must be the same.
func testExchanges(t *testing.T, s *server) {
	for _, x := range exchanges {
		t.Run(x.name, func(t *testing.T) {
			pieces := []int{len(x.send), len(x.send)/2 + 1}
			if len(x.send) < 300 {
				pieces = append(pieces, 1)
			}
			for _, piece := range pieces {
				c := dial(t, s)
				sent := make(chan error, 1)
				go func() { sent <- sendIn(c, x.send, piece) }() // with long ones both sides must read and write
				c.want(x.want)
				closes := x.closes || s.once()
				if closes {
					c.wantEnd()
				}
				if err := <-sent; err != nil {
					t.Fatalf("send in pieces of %d: %v", piece, err)
				}
				if !closes {
					c.send(get("/"))
					c.want(hello)
				}
				c.Close()
				next(t, s)
			}
		})
	}
}

func sendIn(c *client, text string, piece int) error {
	for len(text) > 0 {
		n := min(piece, len(text))
		if _, err := c.Write([]byte(text[:n])); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}
