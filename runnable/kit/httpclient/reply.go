package httpclient

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Limits of a reply. More than that is an error.
const (
	MaxHead = 64 << 10  // bytes of the head, interim replies and trailers included (Tornado's max_header_size)
	MaxBody = 100 << 20 // bytes of the body, when the request names no other limit (Tornado's max_buffer_size)
	maxLine = 4 << 10   // bytes of the line before a chunk
)

// ProtocolError is what is wrong with a reply. Its connection is closed: it is not known where the next reply begins.
type ProtocolError string

func (e ProtocolError) Error() string { return "httpclient: the reply " + string(e) }

// ErrTooLarge is the error of a reply whose body is beyond the limit.
var ErrTooLarge = errors.New("httpclient: the body of the reply is too large")

// reply takes one reply apart, without input and output: Add the bytes that arrived, until Done. The grammar is that of
// RFC 9112, and what two readers could take for two things is refused, as in kit/http1.
type reply struct {
	Response // as far as it is known

	method string // that was asked: a HEAD has no body
	limit  int    // bytes of the body
	in     []byte // arrived and not used
	read   func(*reply) (more bool, err error)
	left   int // bytes of the body, or of the chunk, that are still to come
	heads  int // bytes of heads so far
	began  bool
	done   bool
	keep   bool // the connection is good for another request
}

func newReply(method string, limit int) *reply {
	if limit <= 0 {
		limit = MaxBody
	}
	return &reply{method: method, limit: limit, read: (*reply).readHead}
}

// Add goes on with bytes that arrived. After an error the reply is of no use.
func (r *reply) Add(arrived []byte) error {
	r.began = r.began || len(arrived) > 0
	r.in = append(r.in, arrived...)
	for more := true; more && !r.done; {
		var err error
		if more, err = r.read(r); err != nil {
			return err
		}
	}
	if r.done && len(r.in) > 0 { // more than was asked for
		r.keep = false
	}
	return nil
}

// End goes on when the stream has ended: for some replies that is the end of the body, for others it came too early.
func (r *reply) End() error {
	switch {
	case r.done:
		return nil
	case !r.began:
		return io.EOF
	case r.left == untilClose:
		r.done = true
		return nil
	}
	return io.ErrUnexpectedEOF
}

// Done tells whether the reply is complete.
func (r *reply) Done() bool { return r.done }

// line cuts the next line off what arrived; ok is false while it is not complete. A line ends in CRLF.
func (r *reply) line(limit int) (line []byte, ok bool, err error) {
	end := bytes.Index(r.in, crlf)
	if end > limit || end < 0 && len(r.in) > limit {
		return nil, false, ProtocolError("has a line that is too long")
	}
	if end < 0 {
		return nil, false, nil
	}
	line, r.in = r.in[:end], r.in[end+len(crlf):]
	return line, true, nil
}

// fields reads lines "name: value" up to the empty line, or none of them while that is missing.
func (r *reply) fields() (h http.Header, ok bool, err error) {
	end, complete := 0, bytes.HasPrefix(r.in, crlf) // no field at all?
	if !complete {
		end = bytes.Index(r.in, emptyLine)
		if complete = end >= 0; complete {
			end += len(crlf)
		}
	}
	end += len(crlf)
	if size := max(end, len(r.in)); complete && end > MaxHead-r.heads || !complete && size > MaxHead-r.heads {
		return nil, false, ProtocolError("has a head that is too long")
	}
	if !complete {
		return nil, false, nil
	}
	head := r.in[:end]
	r.in = r.in[end:]
	r.heads += end
	head = fold.ReplaceAll(head, []byte(" "))
	h = http.Header{}
	for {
		line, rest, _ := bytes.Cut(head, crlf)
		if len(line) == 0 {
			return h, true, nil
		}
		head = rest
		name, value, colon := bytes.Cut(line, []byte(":"))
		value = bytes.Trim(value, " \t")
		if !colon || !isToken(string(name)) || bytes.ContainsFunc(value, isControl) {
			return nil, false, ProtocolError("has a malformed header line")
		}
		h.Add(string(name), string(value))
	}
}

// readHead reads the status line and the headers, and decides how the body ends.
func (r *reply) readHead() (more bool, err error) {
	if !bytes.Contains(r.in, emptyLine) {
		if len(r.in) > MaxHead-r.heads {
			return false, ProtocolError("has a head that is too long")
		}
		return false, nil
	}
	status, _, err := r.line(maxLine)
	if err != nil {
		return false, err
	}
	if err := r.parseStatus(string(status)); err != nil {
		return false, err
	}
	r.heads += len(status) + len(crlf)
	if r.Header, _, err = r.fields(); err != nil {
		return false, err
	}
	switch {
	case r.StatusCode == http.StatusSwitchingProtocols:
		return false, ProtocolError("switches to a protocol that was not requested")
	case r.StatusCode < 200: // an interim reply: the real one follows
		return true, nil
	}
	return true, r.frame()
}

// parseStatus reads "HTTP/1.1 200 OK".
func (r *reply) parseStatus(line string) error {
	version, rest, _ := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(code)
	if version != "HTTP/1.1" && version != "HTTP/1.0" || len(code) != 3 || err != nil || n < 100 ||
		strings.ContainsFunc(reason, isControl) {
		return ProtocolError("does not begin as HTTP/1.1 does")
	}
	r.StatusCode, r.Reason, r.keep = n, reason, version == "HTTP/1.1"
	return nil
}

// fold is where a field goes on in the next line. A server must not send it; a client that gets it must read it as a space
// (RFC 9112, 5.2).
var fold = regexp.MustCompile(`[ \t]*\r\n[ \t]+`)

var crlf, emptyLine = []byte("\r\n"), []byte("\r\n\r\n")

// isToken: RFC 9110, 5.6.2.
func isToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return text != ""
}

func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }
