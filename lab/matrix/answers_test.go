package matrix

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"era/check/servertest"
	"era/runnable/kit/backend"
)

// right returns the answers of an application that does the book's one job.
func right() string {
	text := func(status int, body string) answer {
		return answer{status, []string{"content-type: text/plain"}, body}
	}
	return digest([]answer{
		text(200, "hello\n"), text(200, ""), text(200, string(backend.Line(5*time.Millisecond, 0))),
		text(200, string(backend.Line(0, 100_000))),
		text(502, "Bad Gateway\n"), text(200, "line 1 of 3\nline 2 of 3\nline 3 of 3\n"),
		text(200, fmt.Sprintf("100000 bytes, sha256 %x\n", sha256.Sum256([]byte(strings.Repeat("x", 100_000))))),
		text(404, "Not Found\n"),
	})
}

// says starts a server that answers every client with this text, and closes.
func says(t *testing.T, text string) (addr string) {
	return servertest.Listen(t, func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			fmt.Fprint(conn, text) // the client may have given up
		}
	})
}

// TestWhatCounts: a server may frame an answer freely, and add headers of its own; the rest is the application's.
func TestWhatCounts(t *testing.T) {
	const first = "HTTP/1.1 200 OK\r\nX: 1\r\nX: 2\r\nContent-Length: 5\r\n\r\nhello"
	want, err := ask(t.Context(), says(t, first), plain("GET", "/"))
	if err != nil {
		t.Fatal(err)
	}
	for text, difference := range map[string]string{
		"HTTP/1.1 200 Fine\r\nDate: now\r\nServer: some\r\nConnection: close\r\nx: 1\r\nX: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n": "",
		"HTTP/1.0 200 OK\r\nX: 1\r\nX: 2\r\n\r\nhello":                        "",
		"HTTP/1.1 201 OK\r\nX: 1\r\nX: 2\r\nContent-Length: 5\r\n\r\nhello":   "status 201, not 200",
		"HTTP/1.1 200 OK\r\nX: 2\r\nX: 1\r\nContent-Length: 5\r\n\r\nhello":   `headers ["x: 2" "x: 1"], not ["x: 1" "x: 2"]`,
		"HTTP/1.1 200 OK\r\nX: 1, 2\r\nContent-Length: 5\r\n\r\nhello":        `headers ["x: 1, 2"]`,
		"HTTP/1.1 200 OK\r\nX: 1\r\nX: 2\r\nContent-Length: 6\r\n\r\nhello\n": "a body of 6 bytes",
		"HTTP/1.1 200 OK\r\nX: 1\r\nX: 2\r\nContent-Length: 6\r\n\r\nhello":   "breaks off after 5 bytes",
		"": "no reply",
	} {
		got, err := ask(t.Context(), says(t, text), plain("GET", "/"))
		said := got.differs(want)
		if err != nil {
			said = err.Error()
		}
		if !strings.Contains(said, difference) || (said == "") != (difference == "") {
			t.Errorf("%q: %q, want %q", text, said, difference)
		}
		if same := digest([]answer{got}) == digest([]answer{want}); same != (difference == "") {
			t.Errorf("%q: the same digest: %t", text, same)
		}
	}
}
