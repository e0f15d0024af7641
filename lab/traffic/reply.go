package traffic

import (
	"bufio"
	"fmt"
	"io"
	"net/http/httputil"
	"strconv"
	"strings"
)

// bodyShown is how much of a body is looked at.
const bodyShown = 60

// readReply reads one reply as strictly as a client can: a status line of HTTP/1.1, header lines, and a body
// that ends by exactly one Content-Length, in chunks, or, if that is announced, with the connection. It returns the status, and how the body begins.
func readReply(r *bufio.Reader) (status int, body string, err error) {
	line, err := readLine(r)
	if err != nil {
		return 0, "", err
	}
	code, _, _ := strings.Cut(strings.TrimPrefix(line, "HTTP/1.1 "), " ")
	status, err = strconv.Atoi(code)
	if err != nil || len(code) != 3 || !strings.HasPrefix(line, "HTTP/1.1 ") {
		return 0, "", fmt.Errorf("not a status line: %.60q", line)
	}
	length, chunks, closes := -1, false, false
	for {
		line, err = readLine(r)
		if err != nil {
			return 0, "", err
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return 0, "", fmt.Errorf("not a header line: %.60q", line)
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "transfer-encoding":
			chunks = strings.EqualFold(value, "chunked")
		case "connection":
			closes = strings.EqualFold(value, "close")
		case "content-length":
			n, err := strconv.ParseUint(value, 10, 31)
			if err != nil || length >= 0 {
				return 0, "", fmt.Errorf("bad Content-Length: %.60q", line)
			}
			length = int(n)
		}
	}
	switch {
	case chunks && length < 0:
		if body, err = readBody(httputil.NewChunkedReader(r)); err == nil {
			_, err = readLine(r) // the empty one behind the last chunk
		}
	case length >= 0:
		rest := &io.LimitedReader{R: r, N: int64(length)}
		if body, err = readBody(rest); err == nil && rest.N > 0 {
			err = io.ErrUnexpectedEOF
		}
	case closes:
		body, err = readBody(r)
	default:
		err = fmt.Errorf("a reply without Content-Length")
	}
	return status, body, err
}

// readBody reads to the end, and returns how it begins.
func readBody(body io.Reader) (begins string, err error) {
	begin, err := io.ReadAll(io.LimitReader(body, bodyShown))
	if err == nil {
		_, err = io.Copy(io.Discard, body)
	}
	return string(begin), cut(err)
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

// cut names the end of the connection for what it is in the middle of a reply.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
