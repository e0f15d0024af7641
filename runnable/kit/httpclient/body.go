package httpclient

import (
	"net/http"
	"strconv"
	"strings"

	"era/runnable/kit/http1"
)

// untilClose says that the body goes on until the server closes: only a stream without a length is like that.
const untilClose = -1

// frame decides how the body ends (RFC 9112, 6.3).
func (r *reply) frame() error {
	knowsChunks := r.keep // HTTP/1.0 does not: one reader would take the chunks for such, another for text (RFC 9112, 6.1)
	for _, options := range r.Header.Values("Connection") {
		for option := range strings.SplitSeq(options, ",") {
			if http1.Same(strings.Trim(option, " \t"), "close") {
				r.keep = false
			}
		}
	}
	codings, lengths := r.Header.Values("Transfer-Encoding"), r.Header.Values("Content-Length")
	switch {
	case r.method == http.MethodHead, r.StatusCode == http.StatusNoContent, r.StatusCode == http.StatusNotModified:
		r.done = true // whatever length it names is that of a body that is not sent
		return nil
	case len(codings) > 0 && (!knowsChunks || len(lengths) > 0 || len(codings) > 1 || !http1.Same(codings[0], "chunked")):
		return ProtocolError("has a transfer coding that was not asked for, or two lengths")
	case len(codings) > 0:
		r.read = (*reply).readChunkSize
		return nil
	case len(lengths) > 1:
		return ProtocolError("has two lengths")
	case len(lengths) == 0:
		r.keep, r.left, r.read = false, untilClose, (*reply).readAll
		return nil
	}
	n, err := number(lengths[0], 10)
	if err != nil {
		return err
	}
	return r.expect(n, (*reply).readSized)
}

// expect prepares for n bytes of the body.
func (r *reply) expect(n int, read func(*reply) (bool, error)) error {
	if n > r.limit-len(r.Body) {
		return ErrTooLarge
	}
	r.left, r.read = n, read
	return nil
}

// take moves up to n bytes from what arrived to the body.
func (r *reply) take(n int) {
	n = min(n, len(r.in))
	r.Body = append(r.Body, r.in[:n]...)
	r.in = r.in[n:]
}

// readSized reads a body that named its length.
func (r *reply) readSized() (more bool, err error) {
	before := len(r.in)
	r.take(r.left)
	r.left -= before - len(r.in)
	r.done = r.left == 0
	return false, nil
}

// readAll reads a body that ends with the connection.
func (r *reply) readAll() (more bool, err error) {
	if len(r.in) > r.limit-len(r.Body) {
		return false, ErrTooLarge
	}
	r.take(len(r.in))
	return false, nil
}

// readChunkSize reads the line before a chunk: its size in hexadecimal, and perhaps extensions, which mean nothing
// here. The chunk of size 0 is the last (RFC 9112, 7.1).
func (r *reply) readChunkSize() (more bool, err error) {
	line, ok, err := r.line(maxLine)
	if err != nil || !ok {
		return false, err
	}
	size, extensions, _ := strings.Cut(string(line), ";")
	if strings.ContainsFunc(extensions, isControl) {
		return false, ProtocolError("has a malformed chunk")
	}
	n, err := number(strings.TrimRight(size, " \t"), 16)
	if err != nil {
		return false, err
	}
	if n == 0 {
		r.left, r.read = 0, (*reply).readTrailers
		return true, nil
	}
	return true, r.expect(n, (*reply).readChunk)
}

func (r *reply) readChunk() (more bool, err error) {
	before := len(r.in)
	r.take(r.left)
	if r.left -= before - len(r.in); r.left > 0 {
		return false, nil
	}
	r.read = (*reply).readChunkEnd
	return true, nil
}

func (r *reply) readChunkEnd() (more bool, err error) {
	if len(r.in) > 0 && r.in[0] != '\r' || len(r.in) > 1 && r.in[1] != '\n' {
		return false, ProtocolError("has a chunk that is longer than it said")
	}
	if len(r.in) < len(crlf) {
		return false, nil
	}
	r.in, r.read = r.in[len(crlf):], (*reply).readChunkSize
	return true, nil
}

// readTrailers reads the headers that may follow the last chunk, and drops them.
func (r *reply) readTrailers() (more bool, err error) {
	_, r.done, err = r.fields()
	return false, err
}

// number reads digits and nothing else: no sign, no space, nothing that overflows.
func number(text string, base int) (int, error) {
	n, err := strconv.ParseUint(text, base, strconv.IntSize-1)
	if err != nil {
		return 0, ProtocolError("has a length that is no number")
	}
	return int(n), nil
}
