package traffic

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// bodyShown is how much of a body is looked at.
const bodyShown = 60

// readReply reads one reply as strictly as a client can: a status line of HTTP/1.1, header lines, exactly one
// Content-Length, and that many bytes. It returns the status, and how the body begins.
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
	length := -1
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
		if !strings.EqualFold(name, "Content-Length") {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31)
		if err != nil || length >= 0 {
			return 0, "", fmt.Errorf("bad Content-Length: %.60q", line)
		}
		length = int(n)
	}
	if length < 0 {
		return 0, "", fmt.Errorf("a reply without Content-Length")
	}
	begins := make([]byte, min(length, bodyShown))
	if _, err := io.ReadFull(r, begins); err != nil {
		return 0, "", cut(err)
	}
	if _, err := io.CopyN(io.Discard, r, int64(length-len(begins))); err != nil {
		return 0, "", cut(err)
	}
	return status, string(begins), nil
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
