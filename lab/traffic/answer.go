package traffic

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"era/runnable"
)

// readAnswer reads the reply to the oldest request in the client's protocol. wrong says in what it is not the reply that
// was wanted; "" when it is.
func (p *player) readAnswer(want string) (wrong string, err error) {
	status, body := 200, ""
	switch p.Speaks {
	case runnable.Echo:
		body, err = p.replies.ReadString('\n')
	case runnable.Mail:
		body, err = readMailReply(p.replies)
	default:
		status, body, err = readReply(p.replies)
	}
	switch {
	case err != nil:
		return "", cut(err)
	case p.settled == p.sent:
		return "", errors.New("a reply that nobody asked for")
	case status != 200:
		return fmt.Sprintf("status %d", status), nil
	case p.Speaks == runnable.Echo && body != p.said[p.settled]:
		return fmt.Sprintf("another line: %.60q", body), nil
	case p.Speaks == runnable.Mail && !strings.HasPrefix(body, "250"):
		return fmt.Sprintf("refused: %.60q", body), nil
	case !strings.HasPrefix(body, want):
		return fmt.Sprintf("another body: %q", body), nil
	}
	return "", nil
}

// readMailReply reads one reply of SMTP, which may have several lines (RFC 5321, section 4.2.1), and returns the last.
func readMailReply(r *bufio.Reader) (string, error) {
	for {
		line, err := readLine(r)
		if err != nil {
			return "", err
		}
		if len(line) < 4 || line[3] != '-' {
			return line, nil
		}
	}
}
