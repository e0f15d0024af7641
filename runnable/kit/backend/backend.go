// Package backend is the wire of the backend that the servers ask, without input and output of its own: the same
// question may come as a line, as an HTTP request or as a Redis command, and is answered in kind. The first bytes of a
// question tell which. The lab's backend and those of the tests stand on it.
//
//	a line    delay=50&size=20                         the line
//	HTTP      GET /?delay=50&size=20 HTTP/1.1          200 with the line as its body
//	Redis     BLPOP nobody:delay=50&size=20 0.05       after the timeout, the null that says that nothing was there
package backend

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Nobody begins the names of the lists that are popped from, and that nobody ever pushes to.
const Nobody = "nobody:"

// Question is what a server asks.
type Question struct {
	Query string // the query of a URL, such as "delay=50"
	Reply []byte // not nil: this is the whole answer, and there is nothing to wait for
	Last  bool   // the asker wants the connection closed after the answer

	answer func(line []byte) []byte
}

// Answer is the bytes to send for the line that answers the question.
func (q Question) Answer(line []byte) []byte { return q.answer(line) }

// Asked is one connection of a server: it reads question after question.
type Asked struct {
	in      *bufio.Reader
	counter int // what INCR counts
}

// NewAsked reads questions of up to size bytes.
func NewAsked(conn io.Reader, size int) *Asked {
	return &Asked{in: bufio.NewReaderSize(conn, size)}
}

// Next waits for the next question. An error means that the connection is of no more use: the asker is gone, or what
// it says is no question.
func (a *Asked) Next() (Question, error) {
	line, err := a.in.ReadSlice('\n')
	if err != nil {
		return Question{}, err
	}
	switch {
	case bytes.HasPrefix(line, []byte("GET ")):
		return a.http(string(line))
	case line[0] == '*' && bytes.HasSuffix(line, []byte("\r\n")):
		return a.redis(string(line))
	}
	return Question{Query: string(line[:len(line)-1]), answer: func(line []byte) []byte { return line }}, nil
}

// More waits until a next question has begun.
func (a *Asked) More() error {
	_, err := a.in.Peek(1)
	return err
}

// http reads the rest of a request's head. Its fields mean nothing here but Connection: close.
func (a *Asked) http(requestLine string) (Question, error) {
	_, target, _ := strings.Cut(strings.TrimRight(requestLine, "\r\n"), " ")
	target, _, _ = strings.Cut(target, " ")
	_, query, _ := strings.Cut(target, "?")
	q := Question{Query: query}
	for {
		field, err := a.in.ReadSlice('\n')
		if err != nil {
			return Question{}, err
		}
		field = bytes.TrimRight(field, "\r\n")
		if len(field) == 0 {
			break
		}
		if strings.EqualFold(string(field), "Connection: close") {
			q.Last = true
		}
	}
	q.answer = func(line []byte) []byte {
		head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n", len(line))
		if q.Last {
			head += "Connection: close\r\n"
		}
		return append([]byte(head+"\r\n"), line...)
	}
	return q, nil
}

// redis reads the arguments of a command: an array of strings that say how long they are.
func (a *Asked) redis(first string) (Question, error) {
	var n int
	if _, err := fmt.Sscanf(first, "*%d\r\n", &n); err != nil || n < 1 || n > 8 {
		return Question{}, fmt.Errorf("a command of %q arguments", first)
	}
	command := make([]string, n)
	for i := range command {
		line, err := a.in.ReadSlice('\n')
		if err != nil {
			return Question{}, err
		}
		var size int
		if _, err := fmt.Sscanf(string(line), "$%d\r\n", &size); err != nil || size < 0 || size > a.in.Size() {
			return Question{}, fmt.Errorf("an argument of length %q", line)
		}
		text := make([]byte, size+len("\r\n"))
		if _, err := io.ReadFull(a.in, text); err != nil {
			return Question{}, err
		}
		command[i] = string(text[:size])
	}
	return a.command(command), nil
}

func (a *Asked) command(command []string) Question {
	name := strings.ToUpper(command[0])
	switch {
	case name == "INCR" && len(command) == 2:
		a.counter++
		return Question{Reply: fmt.Appendf(nil, ":%d\r\n", a.counter)}
	case name == "BLPOP" && len(command) == 3, name == "LPOP" && len(command) == 2:
		null := map[string]string{"BLPOP": "*-1\r\n", "LPOP": "$-1\r\n"}[name]
		query := strings.TrimPrefix(command[1], Nobody)
		return Question{Query: query, answer: func([]byte) []byte { return []byte(null) }}
	}
	return Question{Reply: fmt.Appendf(nil, "-ERR this backend knows INCR, LPOP and BLPOP, not %q\r\n", command)}
}
