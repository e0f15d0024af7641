package asgi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// write sends a part of the response's body, and before the first part its head. Nothing was sent before, so if an
// application fails between start and body, the client still gets a 500.
func (x *exchange) write(body []byte, more bool) error {
	out := x.c.out[:0]
	if x.phase == started {
		var err error
		if out, err = x.appendHead(out, body, more); err != nil {
			return err
		}
	}
	if !x.chunked && !x.bare && x.left != untilClose && int64(len(body)) > x.left {
		x.broken = true
		return errors.New("asgi: the body is longer than the content-length that was sent")
	}
	x.phase = sending
	switch {
	case x.bare:
	case x.chunked && len(body) > 0:
		out = strconv.AppendInt(out, int64(len(body)), 16)
		out = append(out, "\r\n"...)
		out = append(append(out, body...), "\r\n"...)
	default:
		out = append(out, body...)
		if x.left != untilClose {
			x.left -= int64(len(body))
		}
	}
	if !more {
		if x.chunked && !x.bare {
			out = append(out, "0\r\n\r\n"...)
		}
		x.broken = x.left > 0 && !x.bare && !x.chunked
		x.phase = complete
	}
	if x.c.out = out[:0]; cap(out) > readFirst {
		x.c.out = nil // an idle connection must not hold a large reply
	}
	var err error
	if len(out) > 0 {
		_, err = x.c.stream.Write(out)
	}
	if !more {
		x.c.stream.Unwatch()
	}
	if err != nil {
		x.broken = true
		return disconnected(err)
	}
	return nil
}

// check refuses a start with a malformed head.
func check(e Event) error {
	if e.Status < 200 || e.Status > 599 {
		return errors.New("asgi: the status " + strconv.Itoa(e.Status) + " is not one of a response")
	}
	for _, h := range e.Headers {
		if h.Name == "" || strings.ContainsFunc(h.Name, func(c rune) bool { return c <= ' ' || c == ':' || c >= 0x7f }) ||
			strings.ContainsAny(h.Value, "\r\n\x00") {
			return errors.New("asgi: malformed header " + strconv.Quote(h.Name))
		}
	}
	return nil
}

// appendHead writes the response's head. The server decides how the body ends and whether the connection does:
// transfer-encoding is ignored, and so is connection, except for close. A reply to HEAD has the head of one to GET; 304
// may name the length that a 200 would have; 204 must not have one, and 205 has no content (RFC 9110, sections 8.6,
// 15.3.6 and 15.4.5).
func (x *exchange) appendHead(out, body []byte, more bool) ([]byte, error) {
	isHead := x.head.Method == http.MethodHead
	noContent, reset, notModified := x.status == http.StatusNoContent, x.status == http.StatusResetContent,
		x.status == http.StatusNotModified
	x.bare = isHead || noContent || reset || notModified
	out = append(out, "HTTP/1.1 "...)
	out = strconv.AppendInt(out, int64(x.status), 10)
	out = append(out, ' ')
	out = append(append(out, http.StatusText(x.status)...), "\r\n"...)
	counted := false
	for _, h := range x.headers {
		switch strings.ToLower(h.Name) {
		case "transfer-encoding", "keep-alive", "upgrade":
			continue
		case "connection":
			x.close = x.close || strings.EqualFold(h.Value, "close")
			continue
		case "content-length":
			n, err := strconv.ParseUint(h.Value, 10, 63)
			if err != nil || counted {
				return nil, errors.New("asgi: content-length " + strconv.Quote(h.Value))
			}
			if noContent || reset {
				continue
			}
			counted, x.left = true, int64(n)
		}
		out = append(appendName(out, h.Name), ": "...)
		out = append(append(out, h.Value...), "\r\n"...)
	}
	switch {
	case counted || noContent || notModified:
	case reset:
		out = append(out, "Content-Length: 0\r\n"...)
	case !more && (!isHead || len(body) > 0): // with HEAD, the application may have left out the body
		x.left = int64(len(body))
		out = strconv.AppendInt(append(out, "Content-Length: "...), x.left, 10)
		out = append(out, "\r\n"...)
	case x.head.Version == "HTTP/1.0":
		x.close, x.left = true, untilClose
	default:
		x.chunked = true
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	}
	// The rest of an unread body would be read as the next request.
	if x.close = x.close || !x.bodyEnded || x.c.server.stopping(); x.close {
		out = append(out, "Connection: close\r\n"...)
	}
	return append(out, "\r\n"...), nil
}

// appendName writes content-type as Content-Type: names are case-insensitive, and this form is the usual one.
func appendName(out []byte, name string) []byte {
	capital := true
	for i := range len(name) {
		c := name[i]
		if capital && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		out = append(out, c)
		capital = c == '-'
	}
	return out
}
