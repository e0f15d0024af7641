package backend

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestNext: the same question in three protocols, one after the other, in one piece and byte by byte.
func TestNext(t *testing.T) {
	asked := "delay=5&size=20\n" +
		"\n" +
		"GET /?delay=5&size=20 HTTP/1.1\r\nHost: x\r\n\r\n" +
		"GET / HTTP/1.1\r\nconnection: close\r\n\r\n" +
		"*2\r\n$4\r\nINCR\r\n$5\r\nasked\r\n" +
		"*3\r\n$5\r\nblpop\r\n$22\r\nnobody:delay=5&size=20\r\n$5\r\n0.005\r\n" +
		"*2\r\n$4\r\nLPOP\r\n$7\r\nnobody:\r\n" +
		"*1\r\n$4\r\nQUIT\r\n"
	for name, in := range map[string]io.Reader{
		"in one piece": strings.NewReader(asked), "byte by byte": iotest.OneByteReader(strings.NewReader(asked)),
	} {
		t.Run(name, func(t *testing.T) {
			a := NewAsked(in, 4096)
			for i, want := range []struct {
				query, answer string
				last          bool
			}{
				{"delay=5&size=20", "line\n", false},
				{"", "line\n", false},
				{"delay=5&size=20", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nline\n", false},
				{"", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nline\n", true},
				{"", ":1\r\n", false},
				{"delay=5&size=20", "*-1\r\n", false},
				{"", "$-1\r\n", false},
				{"", "-ERR this backend knows INCR, LPOP and BLPOP, not [\"QUIT\"]\r\n", false},
			} {
				q, err := a.Next()
				if err != nil {
					t.Fatalf("question %d: %v", i, err)
				}
				answer := q.Reply
				if answer == nil {
					answer = q.Answer([]byte("line\n"))
				}
				if q.Query != want.query || string(answer) != want.answer || q.Last != want.last {
					t.Errorf("question %d: %q, last %v, answered %q; want %+v", i, q.Query, q.Last, answer, want)
				}
			}
			if _, err := a.Next(); err != io.EOF {
				t.Errorf("after the last: %v, want EOF", err)
			}
		})
	}
}

// TestNoQuestion: what cannot be read ends the connection, whatever length it claims.
func TestNoQuestion(t *testing.T) {
	for _, bad := range []string{
		"*9\r\n", "*0\r\n", "*x\r\n", "*1\r\n$-1\r\n", "*1\r\n$99999999\r\n", "*1\r\nPING\r\n", "*1\r\n$4\r\nPI",
		"GET / HTTP/1.1\r\nHost", "delay=5", strings.Repeat("x", 5000) + "\n",
	} {
		if q, err := NewAsked(strings.NewReader(bad), 4096).Next(); err == nil {
			t.Errorf("%.20q is a question: %+v", bad, q)
		}
	}
}
