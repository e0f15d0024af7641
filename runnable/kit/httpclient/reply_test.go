package httpclient

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// parse feeds a reply in pieces of the size; end tells that the stream ended behind it.
func parse(method, text string, size int, end bool) (*reply, error) {
	r := newReply(method, 1<<20)
	for len(text) > 0 {
		n := min(size, len(text))
		if err := r.Add([]byte(text[:n])); err != nil {
			return r, err
		}
		text = text[n:]
	}
	if end {
		return r, r.End()
	}
	return r, nil
}

const ok = "HTTP/1.1 200 OK\r\n"

func TestReply(t *testing.T) {
	for _, test := range []struct {
		name, text string
		code       int
		body       string
		keep       bool
	}{
		{"a length", ok + "Content-Length: 5\r\n\r\nhello", 200, "hello", true},
		{"length 0", ok + "Content-Length: 0\r\n\r\n", 200, "", true},
		{"no header", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
		{"a length with 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", true},
		{"no reason", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, "", true},
		{"chunks", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6 ;x=\"y\"\r\n world\r\n0\r\n\r\n", 200, "hello world", true},
		{"trailers", ok + "transfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\n000\r\nX: y\r\n\r\n", 200, "0123456789", true},
		{"until the end", ok + "\r\nall of it", 200, "all of it", false},
		{"close", ok + "Connection: te, Close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
		{"interim replies", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nok", 200, "ok", true},
		{"folded", ok + "X: a\r\n Content-Length: 9\r\n\t\r\nContent-Length:\r\n 2\r\n\r\nok", 200, "ok", true},
		{"folded trailers", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: a\r\n b\r\n\r\n", 200, "ok", true},
		{"more than was asked for", ok + "Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n", 200, "ok", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int{1 << 20, 1} {
				r, err := parse("GET", test.text, size, true)
				if err != nil || !r.Done() || r.StatusCode != test.code || string(r.Body) != test.body || r.keep != test.keep {
					t.Errorf("in pieces of %d: %d %q, keep %v, done %v, %v", size, r.StatusCode, r.Body, r.keep, r.Done(), err)
				}
			}
		})
	}
	if r, err := parse("HEAD", ok+"Content-Length: 5\r\n\r\n", 1, false); err != nil || !r.Done() || len(r.Body) != 0 ||
		!r.keep {
		t.Errorf("HEAD: %+v, %v", r, err)
	}
}

func TestBadReply(t *testing.T) {
	for name, text := range map[string]string{
		"another protocol":      "SSH-2.0-OpenSSH\r\n\r\n",
		"another version":       "HTTP/2.0 200 OK\r\n\r\n",
		"a status of two":       "HTTP/1.1 20 OK\r\n\r\n",
		"a status below 100":    "HTTP/1.1 099 OK\r\n\r\n",
		"a signed status":       "HTTP/1.1 +20 OK\r\n\r\n",
		"an upgrade":            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
		"a header without name": ok + ": x\r\n\r\n",
		"a fold before all":     ok + " X: a\r\nContent-Length: 2\r\n\r\nok",
		"a folded length":       ok + "Content-Length: 1\r\n 2\r\n\r\n",
		"a control in a fold":   ok + "X: a\r\n \x00b\r\n\r\n",
		"a blank before :":      ok + "Content-Length : 2\r\n\r\nok",
		"a bare CR":             ok + "X: a\rb\r\n\r\n",
		"a bare LF":             ok + "X: a\nContent-Length: 2\r\n\r\nok",
		"two lengths":           ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
		"a list of lengths":     ok + "Content-Length: 2, 2\r\n\r\nok",
		"a signed length":       ok + "Content-Length: +2\r\n\r\nok",
		"no length":             ok + "Content-Length:\r\n\r\nok",
		"length and chunks":     ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunks in HTTP/1.0":    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"kelvin in chunked":     ok + "Transfer-Encoding: chun\u212aed\r\n\r\n0\r\n\r\n",
		"another coding":        ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"a chunk of words":      ok + "Transfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n",
		"a negative chunk":      ok + "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
		"a hex prefix":          ok + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n",
		"a chunk too long":      ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
		"an overflowing chunk":  ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
		"bad trailers":          ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n",
		"a head without end":    ok + strings.Repeat("X: "+strings.Repeat("x", 1000)+"\r\n", 80),
		"an endless line":       ok + "X: " + strings.Repeat("x", MaxHead),
		"an endless chunk line": ok + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("0", 2*maxLine),
		"endless trailers":      ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("X: y\r\n", MaxHead/6),
		"endless interims":      strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", MaxHead/20),
	} {
		for _, size := range []int{1 << 20, 1} {
			_, err := parse("GET", text, size, false)
			if wrong := ProtocolError(""); !errors.As(err, &wrong) {
				t.Errorf("%s, in pieces of %d: %v", name, size, err)
			}
		}
	}
}

// TestFold: a field that goes on in the next line is one field, with a blank between (RFC 9112, 5.2).
func TestFold(t *testing.T) {
	r, err := parse("GET", ok+"X: a \r\n\t b\r\n \r\n  c\r\nX: d\r\nContent-Length: 0\r\n\r\n", 1, false)
	if got := fmt.Sprintf("%q", r.Header["X"]); err != nil || got != `["a b  c" "d"]` {
		t.Errorf("%s, %v", got, err)
	}
}

// TestReplyEnds: where a reply stops early it is broken, and where nothing came it is something else: that may be tried
// again.
func TestReplyEnds(t *testing.T) {
	for text, want := range map[string]error{
		"":                                 io.EOF,
		"HTTP/1.1":                         io.ErrUnexpectedEOF,
		ok + "X: y":                        io.ErrUnexpectedEOF,
		ok + "\r\n":                        nil,
		ok + "\r\na":                       nil,
		ok + "Content-Length: 3\r\n\r\nab": io.ErrUnexpectedEOF,
		ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello":          io.ErrUnexpectedEOF,
		ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n": io.ErrUnexpectedEOF,
	} {
		if _, err := parse("GET", text, 1, true); err != want {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
	large := strings.Repeat("x", 1<<20)
	for _, text := range []string{
		ok + "Content-Length: 1048577\r\n\r\n", ok + "\r\n" + large + "x",
		ok + "Transfer-Encoding: chunked\r\n\r\n100000\r\n" + large + "\r\n1\r\n",
	} {
		if _, err := parse("GET", text, 1<<16, false); err != ErrTooLarge {
			t.Errorf("%.60q: %v, want %v", text, err, ErrTooLarge)
		}
	}
}

// FuzzReply: a reply is the same in one piece and byte by byte, and where both accept it, net/http reads the same.
func FuzzReply(f *testing.F) {
	f.Add(ok + "Content-Length: 5\r\n\r\nhello")
	f.Add(ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n")
	f.Add(ok + "X: a\r\n b: c\r\nContent-Length: 0\r\n\r\n")
	f.Add("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404\r\n\r\nbody")
	f.Fuzz(func(t *testing.T, text string) {
		whole, err := parse("GET", text, 1<<20, true)
		pieces, err2 := parse("GET", text, 1, true)
		if (err == nil) != (err2 == nil) || err == nil &&
			(whole.StatusCode != pieces.StatusCode || !bytes.Equal(whole.Body, pieces.Body)) {
			t.Fatalf("in one piece %d %q, %v; byte by byte %d %q, %v", whole.StatusCode, whole.Body, err, pieces.StatusCode, pieces.Body,
				err2)
		}
		if err != nil {
			return
		}
		in := bufio.NewReader(strings.NewReader(text))
		theirs, err := http.ReadResponse(in, nil)
		for err == nil && theirs.StatusCode < 200 {
			theirs, err = http.ReadResponse(in, nil)
		}
		if err != nil {
			return // it is stricter here or there
		}
		body, err := io.ReadAll(theirs.Body)
		if err == nil && (theirs.StatusCode != whole.StatusCode || !bytes.Equal(body, whole.Body)) {
			t.Fatalf("%d %q, and net/http reads %d %q", whole.StatusCode, whole.Body, theirs.StatusCode, body)
		}
	})
}
