// Package http1 is the part of the job that is the same in every server and not the point of any: HTTP/1.1 without
// input and output. A server feeds it the bytes that arrived and asks for the next request; a request knows what to
// ask the backend and how to word its reply.
//
// kit/python/http1.py and kit/c/http1.h are the same for Python and C.
package http1

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// MaxHead is how many bytes a request's head may have, the empty line included. A longer one is refused with 431.
const MaxHead = 8 << 10

// Inbox holds the bytes that a connection has received and not yet used.
type Inbox struct {
	bytes  []byte
	closed bool // the last request has been handed out: what follows is thrown away
}

// Add puts bytes that arrived behind those that wait.
func (in *Inbox) Add(arrived []byte) {
	if !in.closed {
		in.bytes = append(in.bytes, arrived...)
	}
}

// Next cuts the oldest request off the inbox; ok is false while its head is not complete. A head that is malformed or
// too long comes out as a request whose reply says so, and which closes the connection.
func (in *Inbox) Next() (r Request, ok bool) {
	if in.closed {
		return Request{}, false
	}
	in.bytes = bytes.TrimLeft(in.bytes, "\r\n") // empty lines before a request do no harm (RFC 9112, 2.2)
	end := bytes.Index(in.bytes, []byte("\r\n\r\n")) + 4
	switch {
	case end >= 4 && end <= MaxHead:
		r = parse(in.bytes[:end])
		in.bytes = append(in.bytes[:0], in.bytes[end:]...) // to the front, so that the memory is used again
	case end > MaxHead || len(in.bytes) >= MaxHead:
		r = Request{status: http.StatusRequestHeaderFieldsTooLarge, Close: true}
	default:
		return Request{}, false
	}
	in.closed = r.Close
	return r, true
}

// parse reads a complete head. There is no body in this book: a request that announces one is refused, because its
// bytes would be taken for the next request. The grammar is that of RFC 9112 and RFC 9110, and nothing is forgiven that
// two readers could take for two things. net/http.ReadRequest forgives some of it, and costs more than the system
// calls around it.
func parse(head []byte) Request {
	refused := Request{status: http.StatusBadRequest, Close: true}
	line, fields, _ := bytes.Cut(head[:len(head)-2], crlf)
	method, rest, ok1 := bytes.Cut(line, space)
	target, version, ok2 := bytes.Cut(rest, space)
	path, query, ok3 := parseTarget(target)
	if !ok1 || !ok2 || !ok3 || !all(method, isToken) || !isVersion(version) {
		return refused
	}
	r := Request{status: http.StatusOK, Close: string(version) < "HTTP/1.1", headOnly: string(method) == "HEAD"}
	hosts := 0
	for len(fields) > 0 {
		line, fields, _ = bytes.Cut(fields, crlf)
		name, value, ok := bytes.Cut(line, colon)
		value = bytes.Trim(value, " \t")
		if !ok || !all(name, isToken) || bytes.ContainsFunc(value, isControl) {
			return refused
		}
		switch {
		case named(name, "transfer-encoding"), named(name, "content-length") && strings.Trim(string(value), "0") != "":
			return refused
		case named(name, "content-length") && len(value) == 0:
			return refused
		case named(name, "connection"):
			for option := range bytes.SplitSeq(value, comma) {
				r.Close = r.Close || named(bytes.Trim(option, " \t"), "close")
			}
		case named(name, "host"):
			hosts++
		}
	}
	if hosts > 1 {
		return refused
	}
	switch path {
	case "/":
	case "/ask":
		r.Asks, r.Question = true, string(query)+"\n"
	case "/burn":
		if r.burns = parseBurn(query); r.burns == 0 {
			return refused
		}
	default:
		r.status = http.StatusNotFound
	}
	return r
}

var crlf, space, colon, comma = []byte("\r\n"), []byte(" "), []byte(":"), []byte(",")

// parseTarget takes a request's target apart: /path?query, or * in place of a path, or either behind http://name.
func parseTarget(target []byte) (path string, query []byte, ok bool) {
	if bytes.ContainsFunc(target, isControl) || bytes.IndexByte(target, '\t') >= 0 {
		return "", nil, false
	}
	if len(target) > 0 && target[0] != '/' && target[0] != '*' {
		scheme, rest, whole := bytes.Cut(target, []byte("://"))
		if !whole || !all(scheme, isScheme) {
			return "", nil, false
		}
		target = rest[len(rest)-len(bytes.TrimLeftFunc(rest, func(c rune) bool { return c != '/' && c != '?' })):]
	}
	raw, query, _ := bytes.Cut(target, []byte("?"))
	if string(raw) == "/" || string(raw) == "*" {
		return string(raw), query, true
	}
	if len(raw) == 0 || raw[0] != '/' {
		return "", nil, false
	}
	path, err := url.PathUnescape(string(raw))
	return path, query, err == nil
}

// MaxBurn is how long a request may keep the processor busy.
const MaxBurn = 2 * time.Second

// parseBurn reads "ms=200", 1 to 2000; anything else is 0.
func parseBurn(query []byte) time.Duration {
	digits, ok := bytes.CutPrefix(query, []byte("ms="))
	if !ok || len(digits) > 4 || !all(digits, isDigit) {
		return 0
	}
	n, err := strconv.Atoi(string(digits))
	if d := time.Duration(n) * time.Millisecond; err == nil && d <= MaxBurn {
		return d
	}
	return 0
}

// named compares a name from the wire with one in small letters.
func named(name []byte, want string) bool {
	return len(name) == len(want) && bytes.EqualFold(name, []byte(want))
}

func isVersion(v []byte) bool {
	return len(v) == 8 && string(v[:5]) == "HTTP/" && isDigit(v[5]) && v[6] == '.' && isDigit(v[7])
}

// all tells whether there is a byte, and every byte is one of those wanted.
func all(text []byte, is func(c byte) bool) bool {
	for _, c := range text {
		if !is(c) {
			return false
		}
	}
	return len(text) > 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isScheme(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || strings.IndexByte("+.-", c) >= 0
}

// isToken: tchar of RFC 9110, 5.6.2.
func isToken(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || isDigit(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }

// Request is what a server needs to know of a request.
type Request struct {
	Asks     bool   // the backend must be asked before the reply
	Question string // the line for the backend
	Close    bool   // the connection ends after the reply

	status   int
	headOnly bool          // HEAD: the reply has no body
	burns    time.Duration // how long making the reply computes
}

// The plainest request, and its reply, which is made once.
var (
	plain = Request{status: http.StatusOK}
	hello = plain.reply(http.StatusOK, "hello\n")
)

// Status is what the reply will say: 200, or why the request is refused.
func (r Request) Status() int { return r.status }

// Reply is the reply's bytes, for a request that does not ask. They are not to be changed. The one to /burn takes its
// time to make: it stands for all that computes in a handler, a picture or a report say.
func (r Request) Reply() []byte {
	if r == plain {
		return hello
	}
	if r.burns > 0 {
		burn(r.burns)
		return r.reply(r.status, "burned "+strconv.FormatInt(r.burns.Milliseconds(), 10)+" ms\n")
	}
	if r.status == http.StatusOK {
		return r.reply(r.status, "hello\n")
	}
	return r.reply(r.status, http.StatusText(r.status)+"\n")
}

// Answer is the reply's bytes, for a request that asks, from the backend's line.
func (r Request) Answer(line []byte) []byte { return r.reply(http.StatusOK, string(line)) }

// Unanswered is the reply's bytes when the backend could not be asked.
func (r Request) Unanswered() []byte {
	return r.reply(http.StatusBadGateway, http.StatusText(http.StatusBadGateway)+"\n")
}

// burn computes, in that it looks at the clock, until d has passed. It makes no call that waits: who runs nothing else
// beside it does nothing else meanwhile.
func burn(d time.Duration) {
	for began := time.Now(); time.Since(began) < d; {
	}
}

func (r Request) reply(status int, body string) []byte {
	b := make([]byte, 0, 128+len(body))
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(status)...)
	b = append(b, "\r\nContent-Type: text/plain\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	if r.Close {
		b = append(b, "\r\nConnection: close"...)
	}
	b = append(b, "\r\n\r\n"...)
	if r.headOnly {
		return b
	}
	return append(b, body...)
}
