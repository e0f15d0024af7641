//go:build linux || darwin

package http1

import (
	"bufio"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"era/check/servertest"
)

// difference is a kind of head that our parsers accept and others do not, and why.
type difference struct {
	why  string
	kind *regexp.Regexp // of the streams
}

var (
	emptyBefore = difference{"a server should ignore an empty line before a request (RFC 9112, section 2.2)", regexp.MustCompile(`^\r?\n`)}

	// What net/http.ReadRequest does not accept.
	toNetHTTP = []difference{
		emptyBefore,
		{"any byte of a host's name may be escaped (RFC 3986, section 3.2.2), but url.Parse accepts no escaped ASCII", regexp.MustCompile(`^\S+ \S+://[^/?\s]*%[0-7]`)},
	}
	// What h11 does not accept.
	toH11 = []difference{
		emptyBefore,
		{"bytes beyond ASCII in a target: not of RFC 3986, but clients send them, and no two readers take them for two things",
			regexp.MustCompile(`^\S+ [!-~]*[\x{80}-\x{ff}]`)},
	}
)

// taken returns the heads of the corpus that our parsers accept, with nothing after them.
func taken(t *testing.T) (streams []string) {
	for _, stream := range fuzzed() {
		var s Stream
		s.Add([]byte(stream))
		if _, status, ok := s.Head(); ok && status == http.StatusOK {
			streams = append(streams, stream[:s.used])
		}
	}
	if len(streams) < 5000 {
		t.Fatalf("only %d heads of the corpus are right: too few", len(streams))
	}
	return streams
}

// judge checks that each stream that others refuse is on the list, and that each entry of the list occurs among the
// streams.
func judge(t *testing.T, streams []string, list []difference, refused func(i int) (why string)) {
	occurs := make([]bool, len(list))
	unknown, shortest := 0, -1
	for i, stream := range streams {
		if refused(i) == "" {
			continue
		}
		known := false
		for k, d := range list {
			if d.kind.MatchString(latin1(stream)) {
				known, occurs[k] = true, true
			}
		}
		if !known {
			if unknown++; shortest < 0 || len(stream) < len(streams[shortest]) {
				shortest = i
			}
		}
	}
	if unknown > 0 {
		t.Errorf("%d heads are accepted by us only; the shortest is %q: %s", unknown, streams[shortest], refused(shortest))
	}
	for k, d := range list {
		if !occurs[k] {
			t.Errorf("no head of the corpus is of this kind: %s", d.why)
		}
	}
}

// latin1 returns a letter for each byte: a regular expression matches letters.
func latin1(bytes string) string {
	var b strings.Builder
	for i := range len(bytes) {
		b.WriteRune(rune(bytes[i]))
	}
	return b.String()
}

// byNetHTTP returns why net/http refuses a head; "" if it does not.
func byNetHTTP(head string) string {
	if _, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head))); err != nil {
		return err.Error()
	}
	return ""
}

// TestTakenByNetHTTP: net/http accepts what our parsers accept, except for the list.
func TestTakenByNetHTTP(t *testing.T) {
	streams := taken(t)
	judge(t, streams, toNetHTTP, func(i int) string { return byNetHTTP(streams[i]) })
}

const inH11 = `
import sys
import h11
for line in sys.stdin:
    conn = h11.Connection(h11.SERVER)
    conn.receive_data(bytes.fromhex(line))
    try:
        event = conn.next_event()
        out = "" if type(event) is h11.Request else repr(event)
    except h11.RemoteProtocolError as error:
        out = str(error)
    print(out.encode().hex())
`

// TestTakenByH11: h11 accepts what our parsers accept, except for the list. It comes with Uvicorn.
func TestTakenByH11(t *testing.T) {
	python, version := servertest.Python("h11")
	if python == "" {
		servertest.Missing(t, runtime.GOOS == "linux", "h11")
	}
	t.Log(version)
	streams := taken(t)
	out := outputs(t, streams, python, "-c", inH11)
	judge(t, streams, toH11, func(i int) string { return out[i] })
}

// FuzzHeads: net/http accepts what our parsers accept and reads it the same way, except for the list.
func FuzzHeads(f *testing.F) {
	for _, h := range heads {
		f.Add([]byte(h.in))
	}
	f.Add([]byte("0 HTTP://%80 HTTP/1.0\r\n0000:\r\n\r\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var s Stream
		s.Add(stream)
		h, status, ok := s.Head()
		if !ok || status != http.StatusOK {
			return
		}
		head := string(stream[:s.used])
		for _, d := range toNetHTTP {
			if d.kind.MatchString(latin1(head)) {
				return
			}
		}
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
		if err != nil {
			t.Fatalf("%q: %v", head, err)
		}
		path := r.URL.Path
		if path == "" {
			path = "/"
		}
		host := h.Field("Host")
		if r.URL.Host != "" {
			host, _ = url.PathUnescape(host) // as url.Parse does with a host beyond ASCII
		}
		if r.Method != h.Method || path != h.Path || r.URL.RawQuery != h.Query || r.Host != host ||
			r.ContentLength != h.Length {
			t.Errorf("%q: %+v, and net/http has %s %q?%q of %q, %d bytes", head, h, r.Method, r.URL.Path, r.URL.RawQuery, r.Host,
				r.ContentLength)
		}
	})
}
