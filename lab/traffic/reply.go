package traffic

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"strconv"
	"strings"
	"time"
)

// httpTalk sends requests of HTTP/1.1, one after the other on one connection.
type httpTalk struct{ inTurn }

func newHTTPTalk(p *player) talk {
	t := &httpTalk{newInTurn(p)}
	t.read = t.readReply
	return t
}

func (t *httpTalk) readReply(want string) (got reply, wrong string, err error) {
	got, err = readReply(t.in(), max(bodyShown, len(want)), func() {
		t.tell(Event{What: Started, Request: t.settled + 1})
	})
	if err == nil && got.status != 200 {
		wrong = fmt.Sprintf("status %d", got.status)
	}
	return got, wrong, err
}

// bodyShown is how much of a body is kept, at least.
const bodyShown = 60

// reply is a reply, and how it came.
type reply struct {
	status int
	body   string    // how it begins
	first  time.Time // when the first byte of the body had come; zero before that
	pieces int       // how often more of the body came
}

// readReply reads one reply as strictly as a client can: a status line of HTTP/1.1, header lines, and a body that says
// in exactly one way where it ends (RFC 9112, section 6.3): by one Content-Length, in chunks, or with the connection,
// which must be announced. It keeps that many bytes of the body, and calls begun when the first has come and not all
// the others.
func readReply(r *bufio.Reader, keep int, begun func()) (got reply, err error) {
	line, err := readLine(r)
	if err != nil {
		return got, err
	}
	code, _, _ := strings.Cut(strings.TrimPrefix(line, "HTTP/1.1 "), " ")
	got.status, err = strconv.Atoi(code)
	if err != nil || len(code) != 3 || !strings.HasPrefix(line, "HTTP/1.1 ") {
		return got, fmt.Errorf("not a status line: %.60q", line)
	}
	length, chunks, closes := -1, false, false
	for {
		line, err = readLine(r)
		if err != nil {
			return got, err
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return got, fmt.Errorf("not a header line: %.60q", line)
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "transfer-encoding":
			if chunks = strings.EqualFold(value, "chunked"); !chunks {
				return got, fmt.Errorf("bad Transfer-Encoding: %.60q", line)
			}
		case "connection":
			closes = strings.EqualFold(value, "close")
		case "content-length":
			n, err := strconv.ParseUint(value, 10, 31)
			if err != nil || length >= 0 {
				return got, fmt.Errorf("bad Content-Length: %.60q", line)
			}
			length = int(n)
		}
	}
	switch {
	case chunks && length >= 0:
		return got, fmt.Errorf("a reply with chunks and a Content-Length")
	case chunks:
		if err := got.read(r, httputil.NewChunkedReader(r), readAtMost, keep, begun); err != nil {
			return got, cut(err)
		}
		line, err = readLine(r) // our servers send no trailers
		if err == nil && line != "" {
			err = fmt.Errorf("after the last chunk: %.60q", line)
		}
		return got, err
	case length >= 0:
		if r.Buffered() >= length {
			begun = func() {}
		}
		body := &io.LimitedReader{R: r, N: int64(length)}
		if err = got.read(r, body, min(length, readAtMost), keep, begun); err == nil && body.N > 0 {
			err = io.ErrUnexpectedEOF
		}
		return got, err
	case closes:
		return got, got.read(r, r, readAtMost, keep, begun)
	}
	return got, errors.New("a reply that does not say where it ends")
}

const readAtMost = 16 << 10

// read reads a body to its end, at most that many bytes at a time. Whenever nothing is left in r, the next bytes are
// another piece.
func (got *reply) read(r *bufio.Reader, body io.Reader, atMost, keep int, begun func()) error {
	room := make([]byte, atMost)
	for {
		waits := r.Buffered() == 0
		n, err := body.Read(room)
		if n > 0 {
			if got.first.IsZero() {
				got.first, waits = time.Now(), true
				begun()
			}
			if waits {
				got.pieces++
			}
			if missing := keep - len(got.body); missing > 0 {
				got.body += string(room[:min(n, missing)])
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return "", cut(err)
	}
	text, ok := strings.CutSuffix(string(line), "\r\n")
	if !ok {
		return "", fmt.Errorf("a line that does not end in CR LF: %.60q", line)
	}
	return text, nil
}

// cut makes an end of file in the middle of a reply an error that says so.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
