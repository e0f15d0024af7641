package traffic

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"era/catalogue"
	"era/lab/recording"
)

// readAnswer reads the reply to the oldest request in the client's protocol. wrong says in what it is not the reply that
// was wanted; "" when it is.
func (p *player) readAnswer(want string) (got reply, wrong string, err error) {
	got.status = 200
	switch p.Speaks {
	case catalogue.Echo:
		got.body, err = readEcho(p.in())
	case catalogue.Mail:
		got.body, err = readMailReply(p.in())
	default:
		got, err = readReply(p.in(), max(bodyShown, len(want)), func() {
			p.tell(Event{What: Started, Request: p.settled + 1})
		})
	}
	switch {
	case err != nil:
		return got, "", cut(err)
	case p.settled == p.sent:
		return got, "", errors.New("a reply that nobody asked for")
	case got.status != 200:
		wrong = fmt.Sprintf("status %d", got.status)
	case p.Speaks == catalogue.Echo && got.body != p.said[p.settled]:
		wrong = fmt.Sprintf("another line: %.60q", got.body)
	case p.Speaks == catalogue.Mail && !strings.HasPrefix(got.body, "250"):
		wrong = fmt.Sprintf("refused: %.60q", got.body)
	case !strings.HasPrefix(got.body, want):
		wrong = recording.AnotherBody + fmt.Sprintf("%q", got.body[:min(len(got.body), bodyShown)])
	}
	return got, wrong, nil
}

// readEcho reads a line, which is no longer than what was said.
func readEcho(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", fmt.Errorf("a line of more than %d bytes: nobody has said so much", len(line))
	}
	return string(line), err
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
