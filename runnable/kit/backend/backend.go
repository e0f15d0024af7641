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
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Nobody begins the names of the lists that are popped from, and that nobody ever pushes to.
const Nobody = "nobody:"

// maxFields is how many fields the head of a request over HTTP may have.
const maxFields = 64

// Question is what a server asks.
type Question struct {
	Query string // the query of a URL, such as "delay=50"
	Reply []byte // not nil: this is the whole answer, and there is nothing to wait for
	Last  bool   // the asker wants the connection closed after the answer

	// Over HTTP: whom the asker thinks it talks to ("" where it does not say), and whether it is a browser, which a page
	// somewhere may have told to ask.
	Host    string
	Browser bool

	head func(length int) []byte // what stands before a line of that length
	none bool                    // and the line is left out
}

// Answer writes the answer with the line that Line makes, in the asker's protocol. A long line is never whole in memory:
// its dots are one block, which all answers share.
func (q Question) Answer(w io.Writer, delay time.Duration, size int) error {
	line := bytes.TrimSuffix(Line(delay, 0), []byte{'\n'})
	missing := max(size-len(line)-1, 0)
	answer := net.Buffers{q.head(len(line) + missing + 1)}
	if !q.none {
		answer = append(answer, line)
		for ; missing > 0; missing -= min(missing, len(dots)) {
			answer = append(answer, dots[:min(missing, len(dots))])
		}
		answer = append(answer, []byte{'\n'})
	}
	_, err := answer.WriteTo(w) // all pieces in one call, where it is a connection (writev(2))
	return err
}

var dots = bytes.Repeat([]byte{'.'}, 64<<10)

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
	if text := bytes.TrimRight(line, "\r\n"); bytes.HasSuffix(text, []byte(" HTTP/1.1")) ||
		bytes.HasSuffix(text, []byte(" HTTP/1.0")) {
		return Question{}, fmt.Errorf("a request that does not begin with GET: %.60q", text)
	}
	return Question{Query: string(line[:len(line)-1]), head: func(int) []byte { return nil }}, nil
}

// More waits until a next question has begun.
func (a *Asked) More() error {
	_, err := a.in.Peek(1)
	return err
}

// http reads the rest of a request's head.
func (a *Asked) http(requestLine string) (Question, error) {
	_, target, _ := strings.Cut(strings.TrimRight(requestLine, "\r\n"), " ")
	target, _, _ = strings.Cut(target, " ")
	_, query, _ := strings.Cut(target, "?")
	q := Question{Query: query}
	for range maxFields {
		line, err := a.in.ReadSlice('\n')
		if err != nil {
			return Question{}, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			q.head = func(length int) []byte { return httpHead(length, q.Last) }
			return q, nil
		}
		name, value, _ := strings.Cut(string(line), ":")
		name, value = strings.ToLower(name), strings.TrimSpace(value)
		switch {
		case name == "connection":
			q.Last = strings.EqualFold(value, "close")
		case name == "host":
			q.Host = value
		case name == "origin", strings.HasPrefix(name, "sec-fetch-"): // fields that no page can leave out
			q.Browser = true
		}
	}
	return Question{}, errors.New("a request whose head does not end")
}

func httpHead(length int, last bool) []byte {
	head := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n", length)
	if last {
		head = append(head, "Connection: close\r\n"...)
	}
	return append(head, "\r\n"...)
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
		return Question{Query: query, none: true, head: func(int) []byte { return []byte(null) }}
	}
	return Question{Reply: fmt.Appendf(nil, "-ERR this backend knows INCR, LPOP and BLPOP, not %.60q\r\n", command)}
}
