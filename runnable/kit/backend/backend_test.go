package backend

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
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
				{"delay=5&size=20", "waited 5 ms\n", false},
				{"", "waited 5 ms\n", false},
				{"delay=5&size=20", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nwaited 5 ms\n", false},
				{"", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\nConnection: close\r\n\r\nwaited 5 ms\n", true},
				{"", ":1\r\n", false},
				{"delay=5&size=20", "*-1\r\n", false},
				{"", "$-1\r\n", false},
				{"", "-ERR this backend knows INCR, LPOP and BLPOP, not [\"QUIT\"]\r\n", false},
			} {
				q, err := a.Next()
				if err != nil {
					t.Fatalf("question %d: %v", i, err)
				}
				answer := string(q.Reply)
				if q.Reply == nil {
					answer = answered(t, q, 0)
				}
				if q.Query != want.query || answer != want.answer || q.Last != want.last {
					t.Errorf("question %d: %q, last %v, answered %q; want %+v", i, q.Query, q.Last, answer, want)
				}
			}
			if _, err := a.Next(); err != io.EOF {
				t.Errorf("after the last: %v, want EOF", err)
			}
		})
	}
}

func answered(t *testing.T, q Question, size int) string {
	var b strings.Builder
	if err := q.Answer(&b, 5*time.Millisecond, size); err != nil {
		t.Error(err)
	}
	return b.String()
}

// TestLongAnswers: however long, the answer is the line that Line makes, and making it takes no memory of that size.
func TestLongAnswers(t *testing.T) {
	ask := func(text string) Question {
		q, err := NewAsked(strings.NewReader(text), 4096).Next()
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	line, http := ask("\n"), ask("GET / HTTP/1.1\r\n\r\n")
	for _, size := range []int{0, 1, 12, 13, 1000, len(dots), len(dots) + 13, 3*len(dots) + 1} {
		want := string(Line(5*time.Millisecond, size))
		if got := answered(t, line, size); got != want {
			t.Errorf("size %d: %d bytes that begin %.20q and end %.5q, want %d", size, len(got), got, got[len(got)-min(5, len(got)):], len(want))
		}
		if got, want := answered(t, http, size), fmt.Sprintf("Length: %d\r\n\r\n%s", len(want), want); !strings.HasSuffix(got,
			want) {
			t.Errorf("size %d over HTTP: %d bytes that begin %.120q", size, len(got), got)
		}
	}
	bytes := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if err := http.Answer(io.Discard, 0, maxSize); err != nil {
				b.Fatal(err)
			}
		}
	}).AllocedBytesPerOp()
	if bytes > maxSize/512 {
		t.Errorf("an answer of %d bytes takes %d of memory", maxSize, bytes)
	}
}

// TestBrowsers: a request that a page somewhere has made tells of it, and whom it thinks to talk to.
func TestBrowsers(t *testing.T) {
	for head, want := range map[string]Question{
		"Host: 127.0.0.1:80\r\n":                           {Host: "127.0.0.1:80"},
		"Host: evil.example:80\r\norigin: null\r\n":        {Host: "evil.example:80", Browser: true},
		"HOST:b\r\nSec-Fetch-Site: none\r\nAccept: a\r\n":  {Host: "b", Browser: true},
		"X-Sec-Fetch-Site: none\r\nX-Origin: a\r\n":        {},
		"Connection: close\r\nSEC-FETCH-MODE: no-cors\r\n": {Browser: true},
	} {
		q, err := NewAsked(strings.NewReader("GET /?a HTTP/1.1\r\n"+head+"\r\n"), 4096).Next()
		if err != nil || q.Host != want.Host || q.Browser != want.Browser {
			t.Errorf("%q: host %q, browser %v, %v; want %q, %v", head, q.Host, q.Browser, err, want.Host, want.Browser)
		}
	}
}

// TestNoQuestion: what cannot be read ends the connection, whatever length it claims.
func TestNoQuestion(t *testing.T) {
	for _, bad := range []string{
		"*9\r\n", "*0\r\n", "*x\r\n", "*1\r\n$-1\r\n", "*1\r\n$99999999\r\n", "*1\r\nPING\r\n", "*1\r\n$4\r\nPI",
		"GET / HTTP/1.1\r\nHost", "delay=5", "POST / HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.0\n\n",
		"GET / HTTP/1.1\r\n" + strings.Repeat("A: b\r\n", 1000) + "\r\n", strings.Repeat("x", 5000) + "\n",
	} {
		if q, err := NewAsked(strings.NewReader(bad), 4096).Next(); err == nil {
			t.Errorf("%.20q is a question: %+v", bad, q)
		}
	}
}
