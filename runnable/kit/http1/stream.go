package http1

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// Stream holds the bytes that a connection has received and not yet used, where requests may have bodies: take a head,
// then that request's body until its end, then the next head. Like Inbox it makes no system call: its owner reads from
// the connection and adds the bytes. The zero Stream is ready.
type Stream struct {
	bytes []byte
	used  int  // bytes used, from the beginning
	part  part // the part of the message that comes next
	left  int64
}

// part is the part of a message that a Stream expects next.
type part int

const (
	aHead     part = iota // or empty lines before it
	counted               // left more bytes of a body, then a head
	aSize                 // the line before a chunk
	aChunk                // left more bytes of a chunk
	afterData             // the line end after a chunk
	aTrailer              // lines of fields after the last chunk, and an empty one
	broken                // nothing: the end of this body is unknown
)

// Errors of Body, besides io.EOF.
var (
	ErrMore  = errors.New("http1: what comes next has not arrived yet")
	ErrChunk = errors.New("http1: malformed chunk in a body") // the connection cannot be used any more
)

// MaxLine is how many bytes the line before a chunk may have, and all fields after the last chunk together.
const MaxLine = 4 << 10

// Add appends bytes that arrived. If it is called only when more bytes are needed, a client cannot fill the memory:
// bytes that Body has not returned stay here.
func (s *Stream) Add(arrived []byte) {
	if s.used > 0 {
		s.bytes = s.bytes[:copy(s.bytes, s.bytes[s.used:])]
		s.used = 0
	}
	s.bytes = append(s.bytes, arrived...)
}

// Head removes the next head from the stream; ok is false while it is not complete. Call it when Ended. A status other
// than 200 is the reason for refusing the request (400, 421, 431, 501, 505); nothing that follows has a meaning then.
func (s *Stream) Head() (h Head, status int, ok bool) {
	s.used += emptyLines(s.bytes[s.used:])
	waiting := s.bytes[s.used:]
	end, status := endOfHead(waiting)
	if status != http.StatusOK {
		return h, status, status != 0
	}
	h, status = parseHead(waiting[:end], true)
	s.used += end
	s.left = h.Length
	switch {
	case status != http.StatusOK:
	case h.Length == InChunks:
		s.part = aSize
	case h.Length > 0:
		s.part = counted
	}
	return h, status, true
}

// Body moves the next bytes of the body into p, without the chunks' framing. At the body's end it returns io.EOF, and
// ErrMore when the next byte has not arrived.
func (s *Stream) Body(p []byte) (n int, err error) {
	for s.part != aHead {
		if s.part != counted && s.part != aChunk {
			if err := s.unwrap(); err != nil {
				return 0, err
			}
			continue
		}
		n = copy(p[:min(int64(len(p)), s.left)], s.bytes[s.used:])
		s.used += n
		s.left -= int64(n)
		switch {
		case s.left > 0:
		case s.part == counted:
			s.part = aHead
		default:
			s.part = afterData
		}
		if n == 0 && len(p) > 0 {
			return 0, ErrMore
		}
		return n, nil
	}
	return 0, io.EOF
}

// Ended reports whether the whole body was returned. For an empty body it is true from the start.
func (s *Stream) Ended() bool {
	for s.part != aHead && s.part != counted && s.part != aChunk {
		if s.unwrap() != nil {
			return false
		}
	}
	return s.part == aHead
}

// Waiting reports whether there are bytes that were not taken.
func (s *Stream) Waiting() bool { return s.used < len(s.bytes) }

// unwrap removes one line of a chunk's framing from the stream (RFC 9112, section 7.1).
func (s *Stream) unwrap() error {
	line, _, whole := bytes.Cut(s.bytes[s.used:], []byte("\r\n"))
	if !whole && len(line) <= MaxLine && s.part != broken {
		return ErrMore
	}
	s.used += min(len(line)+len("\r\n"), len(s.bytes)-s.used)
	// not even a line feed alone, which others may take for the end
	if len(line) > MaxLine || !holds(&inValue, string(line)) {
		s.part = broken
	}
	switch s.part {
	case aSize:
		digits, _, _ := bytes.Cut(line, []byte(";")) // what follows is an extension, which may be ignored
		size, err := strconv.ParseUint(string(bytes.TrimRight(digits, " \t")), 16, 63)
		switch {
		case err != nil:
			s.part = broken
		case size > 0:
			s.part, s.left = aChunk, int64(size)
		default:
			s.part, s.left = aTrailer, MaxLine
		}
	case afterData:
		if s.part = aSize; len(line) > 0 {
			s.part = broken
		}
	case aTrailer:
		_, _, ok := parseField(string(line))
		switch s.left -= int64(len(line)); {
		case len(line) == 0:
			s.part = aHead
		case !ok || s.left < 0:
			s.part = broken
		}
	}
	if s.part == broken {
		return ErrChunk
	}
	return nil
}
