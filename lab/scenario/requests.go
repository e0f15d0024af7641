package scenario

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"

	"era/catalogue"
)

// Requests returns how many requests the client sends in full or in part.
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

// Splitter finds where requests end in what a client sends: an HTTP head or the body that it announces; a line; a
// mail's final dot. Datagrams and a WebSocket's messages are passed whole.
type Splitter struct {
	Speaks catalogue.Protocol
	tail   []byte // of the request, as much as is needed to recognize its end
	left   int    // bytes of the body that are still to come
	chunks bool   // the body comes in chunks
}

var ends = map[catalogue.Protocol]string{catalogue.HTTP: "\r\n\r\n", catalogue.Echo: "\n", catalogue.Mail: "\r\n.\r\n"}

// Next returns how many of the bytes belong to the request that is being sent, and whether it ends with the last of
// them.
func (s *Splitter) Next(p []byte) (n int, end bool) {
	switch s.Speaks {
	case catalogue.Datagrams, catalogue.WebSocket:
		return len(p), true
	}
	if s.left > 0 {
		n = min(s.left, len(p))
		s.left -= n
		return n, s.left == 0
	}
	mark := ends[s.Speaks]
	if s.chunks {
		mark = lastChunk
	}
	n = upTo(mark, s.tail, p)
	if n < 0 {
		s.tail = append(s.tail, p...)
		return len(p), false
	}
	whole := append(s.tail, p[:n]...)
	s.tail = nil
	if s.Speaks == catalogue.HTTP && !s.chunks {
		if s.left, s.chunks = body(whole); s.chunks {
			s.tail = []byte("\r\n") // the end of the head: the first chunk may be the last
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
	more, end := s.Next(p[n:])
	return n + more, end
}

// upTo returns how many bytes of p come before and in the end mark, which may have begun in the tail; -1 if it is not
// there.
func upTo(end string, tail, p []byte) int {
	tail = tail[max(len(tail)-len(end)+1, 0):]
	across := slices.Concat(tail, p[:min(len(p), len(end)-1)])
	if at := bytes.Index(across, []byte(end)); at >= 0 {
		return at + len(end) - len(tail)
	}
	if at := bytes.Index(p, []byte(end)); at >= 0 {
		return at + len(end)
	}
	return -1
}

// lastChunk ends a body in chunks (RFC 9112, section 7.1). The bodies of our clients have no line ends in them, so it
// occurs nowhere else.
const lastChunk = "\r\n0\r\n\r\n"

var contentLength = regexp.MustCompile(`\r\nContent-Length: (\d+)\r\n`)

// body returns what a head of ours says about the body.
func body(head []byte) (length int, chunks bool) {
	if found := contentLength.FindSubmatch(head); found != nil {
		length, _ = strconv.Atoi(string(found[1])) // the pattern allows only digits
	}
	return length, bytes.Contains(head, []byte("\r\nTransfer-Encoding: chunked\r\n"))
}
