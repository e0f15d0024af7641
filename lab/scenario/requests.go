package scenario

import (
	"bytes"
	"regexp"
	"strconv"

	"era/runnable"
)

// Requests is how many requests the client sends in full or in part.
func (c Client) Requests() int {
	n, within, split := 0, false, Splitter{Speaks: c.Speaks}
	for _, step := range c.Steps {
		if step.Do != Send {
			continue
		}
		for rest := step.Bytes; len(rest) > 0; {
			taken, ends := split.Next(rest)
			if !within {
				n++
			}
			within, rest = !ends, rest[taken:]
		}
	}
	return n
}

// Splitter finds where requests end in what a client sends: an HTTP head or the body that it announces; a line; a mail's
// dot. Datagrams and a WebSocket's messages are handed over whole.
type Splitter struct {
	Speaks runnable.Protocol
	tail   []byte // of the request, as far as its end can be told from it
	left   int    // bytes of the body that are still to come
	chunks bool   // the body comes in chunks
}

// Next is how many of the bytes belong to the request that is being sent, and whether it ends with the last of them.
func (s *Splitter) Next(p []byte) (n int, ends bool) {
	switch s.Speaks {
	case runnable.Datagrams, runnable.WebSocket:
		return len(p), true
	}
	if s.left > 0 {
		n = min(s.left, len(p))
		s.left -= n
		return n, s.left == 0
	}
	end := map[runnable.Protocol]string{runnable.HTTP: "\r\n\r\n", runnable.Echo: "\n", runnable.Mail: "\r\n.\r\n"}[s.Speaks]
	if s.chunks {
		end = lastChunk
	}
	had := len(s.tail)
	s.tail = append(s.tail, p...)
	from := max(had-len(end)+1, 0)
	at := bytes.Index(s.tail[from:], []byte(end))
	if at < 0 {
		return len(p), false
	}
	whole := s.tail[:from+at+len(end)]
	n = len(whole) - had
	s.tail = nil
	if s.Speaks == runnable.HTTP && !s.chunks {
		if s.left, s.chunks = body(whole); s.chunks {
			s.tail = []byte("\r\n") // of the head's end: the first chunk may be the last
		}
	} else {
		s.chunks = false
	}
	if s.left == 0 && !s.chunks {
		return n, true
	}
	if n == len(p) {
		return n, false
	}
	more, ends := s.Next(p[n:])
	return n + more, ends
}

// lastChunk ends a body in chunks (RFC 9112, section 7.1). The bodies of our clients have no line ends in them, so it is
// nowhere else.
const lastChunk = "\r\n0\r\n\r\n"

var contentLength = regexp.MustCompile(`\r\nContent-Length: (\d+)\r\n`)

// body is what a head of ours says of the body.
func body(head []byte) (length int, chunks bool) {
	if found := contentLength.FindSubmatch(head); found != nil {
		length, _ = strconv.Atoi(string(found[1])) // digits
	}
	return length, bytes.Contains(head, []byte("\r\nTransfer-Encoding: chunked\r\n"))
}
