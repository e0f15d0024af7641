package http1

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// read takes heads and bodies from a stream that gets its bytes in pieces, and returns a description of them.
func read(t *testing.T, in string, piece int) string {
	t.Helper()
	var s Stream
	var saw strings.Builder
	more := func() bool {
		n := min(piece, len(in))
		s.Add([]byte(in[:n]))
		in = in[n:]
		return n > 0
	}
	p := make([]byte, 4)
	for {
		h, status, ok := s.Head()
		switch {
		case !ok && more():
			continue
		case !ok:
			return saw.String()
		case status != http.StatusOK:
			fmt.Fprintf(&saw, "%d", status)
			return saw.String()
		}
		fmt.Fprintf(&saw, "%s %s?%s ", h.Method, h.Path, h.Query)
		for {
			n, err := s.Body(p)
			if ended := s.Ended(); err == io.EOF && !ended {
				t.Error("the body has ended, but Ended is false")
			}
			saw.Write(p[:n])
			if errors.Is(err, ErrMore) && more() {
				continue
			}
			if err != nil {
				if err != io.EOF {
					fmt.Fprintf(&saw, " (%v)", err)
					return saw.String()
				}
				break
			}
		}
		saw.WriteString("\n")
	}
}

func TestStream(t *testing.T) {
	chunked := func(body string) string {
		return "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body
	}
	more, bad := " ("+ErrMore.Error()+")", " ("+ErrChunk.Error()+")"
	for _, x := range []struct{ name, in, want string }{
		{"no body", "GET /a%2Fb?c=%20 HTTP/1.1\r\nHost: x\r\n\r\n" + get, "GET /a/b?c=%20 \nGET /? \n"},
		{"counted", "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world" + get, "POST /x? hello world\nGET /? \n"},
		{"counted and cut", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhello", "POST /? hello" + more},
		{"length 0", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" + get, "POST /? \nGET /? \n"},
		{"chunked", chunked("5\r\nhello\r\n6 ; x=\"y\"\r\n world\r\n0\r\n\r\n") + get, "POST /? hello world\nGET /? \n"},
		{"chunked with trailers", chunked("2\r\nhi\r\n0\r\nX: y\r\n\r\n") + get, "POST /? hi\nGET /? \n"},
		{"chunked and empty", chunked("0\r\n\r\n") + get, "POST /? \nGET /? \n"},
		{"chunked and cut", chunked("5\r\nhel"), "POST /? hel" + more},
		{"chunk longer than it says", chunked("2\r\nhello\r\n"), "POST /? hi"[:8] + "he" + bad},
		{"chunk of no size", chunked("\r\nhello\r\n"), "POST /? " + bad},
		{"chunk of a negative size", chunked("-1\r\nhello\r\n"), "POST /? " + bad},
		{"chunk of a size with 0x", chunked("0x5\r\nhello\r\n"), "POST /? " + bad},
		{"chunk of a size with _", chunked("1_0\r\nhello\r\n"), "POST /? " + bad},
		{"chunk beyond all numbers", chunked("ffffffffffffffff1\r\n"), "POST /? " + bad},
		{"line feed alone", chunked("5\nhello\r\n0\r\n\r\n"), "POST /? " + bad},
		{"line feed in an extension", chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"), "POST /? " + bad},
		{"size line without end", chunked(strings.Repeat("0", MaxLine+2)), "POST /? " + bad},
		{"a request for a trailer", chunked("2\r\nhi\r\n0\r\nGET /none HTTP/1.1\r\n\r\n"), "POST /? hi" + bad},
		{"a trailer with a space before the colon", chunked("2\r\nhi\r\n0\r\nA : b\r\n\r\n"), "POST /? hi" + bad},
		{"a trailer on two lines", chunked("2\r\nhi\r\n0\r\nA: b\r\n c\r\n\r\n"), "POST /? hi" + bad},
		{"trailers without end", chunked("0\r\n" + strings.Repeat("X: y\r\n", MaxLine)), "POST /? " + bad},
		{"both framings", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
		{"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n", "400"},
		{"a list of lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 4\r\n\r\n", "400"},
		{"length with a sign", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\n", "400"},
		{"length beyond all numbers", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\n", "400"},
		{"two codings", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n", "400"},
		{"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
		{"an unknown coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501"},
		{"head too long", long(MaxHead + 1), "431"},
	} {
		for _, piece := range []int{1, 3, 1 << 20} {
			t.Run(fmt.Sprintf("%s in pieces of %d", x.name, piece), func(t *testing.T) {
				if got := read(t, x.in, piece); got != x.want {
					t.Errorf("%.200q\n got %q\nwant %q", x.in, got, x.want)
				}
			})
		}
	}
}

// TestHeadAsTheJob: a Stream accepts and refuses the same heads as an Inbox, except for bodies and for the paths of the
// book's servers.
func TestHeadAsTheJob(t *testing.T) {
	for _, x := range heads {
		if strings.Contains(x.name, "body") || strings.Contains(x.name, "coding") || strings.Contains(x.name, "burn") {
			continue
		}
		t.Run(x.name, func(t *testing.T) {
			var s Stream
			s.Add([]byte(x.in))
			_, status, ok := s.Head()
			want, refused := 0, strings.Contains(x.want, closing) && !strings.HasPrefix(x.want, "HTTP/1.1 200")
			switch {
			case refused:
				fmt.Sscanf(x.want, "HTTP/1.1 %d", &want)
			case x.want != "":
				want = http.StatusOK
			}
			if ok != (x.want != "") || status != want {
				t.Errorf("%.100q: %d, %v, want %d", x.in, status, ok, want)
			}
		})
	}
}

func TestHeadFields(t *testing.T) {
	var s Stream
	s.Add([]byte("POST http://h/p?q HTTP/1.1\r\nA: 1\r\nhOst:x\r\na: 2\r\nExpect: 100-Continue\r\nConnection: te, close\r\nContent-Length: 3\r\n\r\n"))
	h, status, ok := s.Head()
	if !ok || status != http.StatusOK || len(h.Fields) != 6 || h.Fields[2] != (Field{"a", "2"}) ||
		h.Field("Host") != "h" || h.Field("none") != "" {
		t.Errorf("%+v, %d, %v", h, status, ok)
	}
	if h.Length != 3 || !h.Close || !h.Continue || h.Path != "/p" || h.Query != "q" || s.Ended() || s.Waiting() {
		t.Errorf("%+v", h)
	}
}
