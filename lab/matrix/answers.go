package matrix

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// request is one of those that every program gets.
type request struct {
	name string // "GET /"
	text string // the bytes that are sent
}

// requests cover what an application of the book serves. None has a body in chunks: PEP 3333 does not specify them.
var requests = []request{
	plain("GET", "/"),
	plain("HEAD", "/"),
	plain("GET", "/ask?delay=5"),
	plain("GET", "/ask?size=100000"), // more than one buffer holds
	plain("GET", "/ask?hangup=1"),    // the backend fails
	plain("GET", "/stream?n=3&ms=1"),
	upload(100_000),
	plain("GET", "/nowhere"),
}

func plain(method, target string) request {
	name := method + " " + target
	return request{name, name + " HTTP/1.1\r\nHost: test\r\n\r\n"}
}

func upload(n int) request {
	return request{"POST /upload", fmt.Sprintf("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s", n, strings.Repeat("x", n))}
}

// serversOwn are the headers that say how a server sends an answer, and not what the answer is. A server may add, drop
// and set them freely: the application knows nothing about connections. The end of a body is given either by its length
// or by chunks; the client reads both, and only the body counts.
var serversOwn = []string{"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}

const (
	patience = 10 * time.Second // how long one answer may take
	maxReply = 1 << 20          // bytes of it that are read: the largest that is asked for is a tenth
)

// answer is the application's answer, without its server's additions.
type answer struct {
	status  int
	headers []string // "name: value", sorted by name; those of one name in their order
	body    string
}

// ask sends a request on a connection of its own and reads the answer to its end.
func ask(ctx context.Context, addr string, q request) (a answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return a, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(conn, q.text)
		sent <- err
	}()
	method, _, _ := strings.Cut(q.name, " ")
	reply, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, maxReply)), &http.Request{Method: method})
	if err != nil {
		return a, fmt.Errorf("no reply: %w", err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		return a, fmt.Errorf("its body breaks off after %d bytes: %w", len(body), err)
	}
	if err := <-sent; err != nil {
		return a, fmt.Errorf("it did not take the whole request: %w", err)
	}
	a = answer{status: reply.StatusCode, body: string(body)}
	for name, values := range reply.Header {
		if name = strings.ToLower(name); !slices.Contains(serversOwn, name) {
			for _, value := range values {
				a.headers = append(a.headers, name+": "+value)
			}
		}
	}
	slices.SortStableFunc(a.headers, func(a, b string) int {
		a, _, _ = strings.Cut(a, ":")
		b, _, _ = strings.Cut(b, ":")
		return strings.Compare(a, b)
	})
	return a, nil
}

// differs says in words what differs from the wanted answer; "" if nothing does.
func (a answer) differs(want answer) string {
	switch {
	case a.status != want.status:
		return fmt.Sprintf("status %d, not %d", a.status, want.status)
	case !slices.Equal(a.headers, want.headers):
		return fmt.Sprintf("headers %q, not %q", a.headers, want.headers)
	case a.body != want.body:
		return fmt.Sprintf("a body of %d bytes that begins %.40q, not %d that begin %.40q", len(a.body), a.body, len(want.body), want.body)
	}
	return ""
}

// digest returns one hash of all answers. Lengths stand before what varies, so that two different lists of answers
// never look the same.
func digest(answers []answer) string {
	hash := sha256.New()
	for _, a := range answers {
		fmt.Fprintf(hash, "%d %d\n", a.status, len(a.headers))
		for _, h := range a.headers {
			fmt.Fprintf(hash, "%d %s\n", len(h), h)
		}
		fmt.Fprintf(hash, "%d %s\n", len(a.body), a.body)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
