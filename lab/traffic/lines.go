package traffic

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
)

// lineTalk sends lines, and expects each back unchanged.
type lineTalk struct {
	inTurn
	said bytes.Buffer // sent and not yet answered
}

func newLineTalk(p *player) talk {
	t := &lineTalk{inTurn: newInTurn(p)}
	t.read = t.readLine
	return t
}

func (t *lineTalk) send(bytes []byte) error {
	t.said.Write(bytes)
	return t.inTurn.send(bytes)
}

// readLine reads a line, which must not be longer than what was sent.
func (t *lineTalk) readLine(string) (got reply, wrong string, err error) {
	line, err := t.in().ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		err = fmt.Errorf("a line of more than %d bytes, which is more than was sent", len(line))
	}
	if err != nil {
		return got, "", err
	}
	got.body = string(line)
	if said, _ := t.said.ReadString('\n'); got.body != said {
		wrong = fmt.Sprintf("another line: %.60q", line)
	}
	return got, wrong, nil
}

// mailTalk delivers a mail by SMTP (RFC 5321). It is one request, from MAIL to the dot.
type mailTalk struct{ inTurn }

func newMailTalk(p *player) talk {
	t := &mailTalk{newInTurn(p)}
	t.read = t.readVerdict
	return t
}

// hear reads a reply, which must begin with the code.
func (t *mailTalk) hear(code string) error {
	reply, err := readMailReply(t.in())
	if err == nil && !strings.HasPrefix(reply, code) {
		err = fmt.Errorf("want %s, got %.60q", code, reply)
	}
	t.catchUp(time.Now())
	return err
}

// readVerdict reads whether the mail was accepted.
func (t *mailTalk) readVerdict(string) (got reply, wrong string, err error) {
	if got.body, err = readMailReply(t.in()); err == nil && !strings.HasPrefix(got.body, "250") {
		wrong = fmt.Sprintf("refused: %.60q", got.body)
	}
	return got, wrong, err
}

// readMailReply reads one reply, which may have several lines (section 4.2.1), and returns the last line.
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
