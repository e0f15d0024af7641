package http1

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// said returns all replies of an inbox, with the question repeated as the backend's answer.
func said(in *Inbox) string {
	var b strings.Builder
	for r, ok := in.Next(); ok; r, ok = in.Next() {
		if r.Asks {
			b.Write(r.Answer([]byte(r.Question)))
		} else {
			b.Write(r.Reply())
		}
	}
	return b.String()
}

func reply(status, body string, more ...string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d%s\r\n\r\n%s", status, len(body), strings.Join(more, ""), body)
}

const closing = "\r\nConnection: close"

var (
	greeting = reply("200 OK", "hello\n")
	bye      = reply("200 OK", "hello\n", closing)
	asked    = reply("200 OK", "delay=5\n")
	notFound = reply("404 Not Found", "Not Found\n")
	bad      = reply("400 Bad Request", "Bad Request\n", closing)
	noMethod = reply("501 Not Implemented", "Not Implemented\n", closing)
	noBody   = reply("501 Not Implemented", "Not Implemented\n", closing)
	wrong    = reply("421 Misdirected Request", "Misdirected Request\n", closing)
	version  = reply("505 HTTP Version Not Supported", "HTTP Version Not Supported\n", closing)
	tooLong  = reply("431 Request Header Fields Too Large", "Request Header Fields Too Large\n", closing)
)

// host returns a request with that value of Host.
func host(value string) string { return "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n" }

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// long returns a request whose head has the given number of bytes.
func long(size int) string {
	const begin, end = "GET / HTTP/1.1\r\nHost: x\r\nX: ", "\r\n\r\n"
	return begin + strings.Repeat("x", size-len(begin+end)) + end
}

// heads are streams of bytes and the replies of the servers in all languages.
var heads = []struct{ name, in, want string }{
	{"nothing", "", ""},
	{"half a head", "GET / HTTP/1.1\r\n", ""},
	{"root", get, greeting},
	{"root with headers", "GET / HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nX-Tab:\ta\tb\r\n\r\n", greeting},
	{"root with a query", "GET /?a HTTP/1.1\r\nHost: x\r\n\r\n", greeting},
	{"empty value", "GET / HTTP/1.1\r\nHost: x\r\nX:\r\n\r\n", greeting},
	{"value beyond ASCII", "GET / HTTP/1.1\r\nHost: x\r\nX: \xc3\xa4\r\n\r\n", greeting},
	{"ask", "GET /ask?delay=5 HTTP/1.1\r\nHost: x\r\n\r\n", asked},
	{"ask without a query", "GET /ask HTTP/1.1\r\nHost: x\r\n\r\n", reply("200 OK", "\n")},
	{"query with escapes stays raw", "GET /ask?a=%41?b HTTP/1.1\r\nHost: x\r\n\r\n", reply("200 OK", "a=%41?b\n")},
	{"path with escapes", "GET /%61sk?delay=5 HTTP/1.1\r\nHost: x\r\n\r\n", asked},
	{"path with a bad escape", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"path with half an escape", "GET /%4 HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"query with a bad escape", "GET /ask?%zz HTTP/1.1\r\nHost: x\r\n\r\n", reply("200 OK", "%zz\n")},
	{"burn", "GET /burn?ms=1 HTTP/1.1\r\nHost: x\r\n\r\n", reply("200 OK", "burned 1 ms\n")},
	{"burn with zeros before", "GET /burn?ms=0002 HTTP/1.1\r\nHost: x\r\n\r\n", reply("200 OK", "burned 2 ms\n")},
	{"HEAD of burn", "HEAD /burn?ms=1 HTTP/1.1\r\nHost: x\r\n\r\n",
		strings.TrimSuffix(reply("200 OK", "burned 1 ms\n"), "burned 1 ms\n")},
	{"burn for no time", "GET /burn?ms=0 HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"burn for too long", "GET /burn?ms=2001 HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"burn for ages", "GET /burn?ms=00001 HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"burn for a time that is no number", "GET /burn?ms=1e1 HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"burn without saying how long", "GET /burn?ms= HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"burn and more", "GET /burn?ms=1&x HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"whole address", "GET http://x:80/ask?delay=5 HTTP/1.1\r\nHost: x\r\n\r\n", asked},
	{"whole address in another case", "GET HTTP://x/ HTTP/1.1\r\nHost: x\r\n\r\n", greeting},
	{"whole address without a path", "GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", greeting},
	{"whole address with a query alone", "GET http://x?a=b HTTP/1.1\r\nHost: x\r\n\r\n", greeting},
	{"whole address of IPv6", "GET http://[::1]:80/ask?delay=5 HTTP/1.1\r\nHost: x\r\n\r\n", asked},
	{"whole address in HTTP/1.0", "GET http://x/ HTTP/1.0\r\n\r\n", bye},
	{"whole address without a host", "GET http:///ask HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"whole address with a port for host", "GET http://:80/ask HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"whole address with a user", "GET http://u@x/ HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"whole address with a port of letters", "GET http://x:y/ HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"whole address without slashes", "GET http:x/ HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"whole address of no scheme", "GET ://x/ HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"whole address of a scheme with a digit first", "GET 1a://x/ HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"asterisk for GET", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"asterisk and more", "OPTIONS *?x HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"query without a path", "GET ?x HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"another scheme", "GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n", wrong},
	{"another scheme in capitals", "GET HTTPS://x/ HTTP/1.1\r\nHost: x\r\n\r\n", wrong},
	{"another scheme, of a file", "GET ftp://x/ask HTTP/1.1\r\nHost: x\r\n\r\n", wrong},
	{"another scheme with all its marks", "GET a+b-c.1://x HTTP/1.1\r\nHost: x\r\n\r\n", wrong},
	{"another scheme that begins like ours", "GET httpx://x/ HTTP/1.1\r\nHost: x\r\n\r\n", wrong},
	{"another scheme that ours begins with", "GET htt://x/ HTTP/1.1\r\nHost: x\r\n\r\n", wrong},
	{"another scheme in HTTP/1.0", "GET https://x/ HTTP/1.0\r\n\r\n", wrong},
	{"another scheme, then a request", "GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n" + get, wrong},
	{"another scheme and a body", "POST https://x/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", wrong},
	{"another scheme and an unknown coding", "POST https://x/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x, chunked\r\n\r\n", wrong},
	{"HEAD of another scheme", "HEAD https://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
		strings.TrimSuffix(wrong, "Misdirected Request\n")},
	{"another scheme without a host", "GET https:///ask HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"another scheme and a bad escape", "GET https://x/%zz HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"another scheme and no Host", "GET https://x/ HTTP/1.1\r\n\r\n", bad},
	{"another scheme in HTTP/2.0", "GET https://x/ HTTP/2.0\r\nHost: x\r\n\r\n", version},
	{"CONNECT", "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", noMethod},
	{"CONNECT to a path", "CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n", noMethod},
	{"CONNECT to a whole address", "CONNECT http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", noMethod},
	{"CONNECT to another scheme", "CONNECT https://x/ HTTP/1.1\r\nHost: x\r\n\r\n", noMethod},
	{"CONNECT to an asterisk", "CONNECT * HTTP/1.1\r\nHost: x\r\n\r\n", noMethod},
	{"CONNECT, then the bytes for the tunnel", "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n" + get, noMethod},
	{"CONNECT in HTTP/1.0", "CONNECT x:443 HTTP/1.0\r\n\r\n", noMethod},
	{"CONNECT without a Host", "CONNECT x:443 HTTP/1.1\r\n\r\n", bad},
	{"CONNECT in HTTP/2.0", "CONNECT x:443 HTTP/2.0\r\nHost: x\r\n\r\n", version},
	{"connect in small letters is another method", "connect / HTTP/1.1\r\nHost: x\r\n\r\n", greeting}, // RFC 9110, section 9.1
	{"connect in small letters to a port", "connect x:443 HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", notFound},
	{"unknown path", "GET /x HTTP/1.1\r\nHost: x\r\n\r\n", notFound},
	{"two slashes", "GET // HTTP/1.1\r\nHost: x\r\n\r\n", notFound},
	{"ask and more", "GET /asking HTTP/1.1\r\nHost: x\r\n\r\n", notFound},
	{"HEAD", "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", strings.TrimSuffix(greeting, "hello\n")},
	{"HEAD of ask", "HEAD /ask?delay=5 HTTP/1.1\r\nHost: x\r\n\r\n", strings.TrimSuffix(asked, "delay=5\n")},
	{"another method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", greeting},
	{"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", bye},
	{"HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", greeting},
	{"HTTP/2.0", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", version},
	{"HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", version},
	{"HTTP/2.0, then a request", "GET / HTTP/2.0\r\nHost: x\r\n\r\n" + get, version},
	{"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", version},
	{"HEAD in HTTP/2.0", "HEAD / HTTP/2.0\r\n\r\n", strings.TrimSuffix(version, "HTTP Version Not Supported\n")},
	{"HTTP/1.0 that would stay", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", bye},
	{"Connection: close", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", bye},
	{"close in a list", "GET / HTTP/1.1\r\nHost: x\r\ncONNECTION: x ,\tClose\r\n\r\n", bye},
	{"Connection: closed", "GET / HTTP/1.1\r\nHost: x\r\nConnection: closed\r\n\r\n", greeting},
	{"nothing after close", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + get, bye},
	{"pipelined", get + "GET /x HTTP/1.1\r\nHost: x\r\n\r\n" + "GET /ask?delay=5 HTTP/1.1\r\nHost: x\r\n\r\n",
		greeting + notFound + asked},
	{"empty lines before", "\r\n\r\n\n" + get + "\r\n" + get, greeting + greeting},
	{"a carriage return before", "\r" + get, bad},
	{"garbage", "garbage\r\n\r\n", bad},
	{"nothing after a refusal", "garbage\r\n\r\n" + get, bad},
	{"two words", "GET /\r\n\r\n", bad},
	{"four words", "GET / HTTP/1.1 x\r\n\r\n", bad},
	{"two spaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"no version", "GET / HTTP\r\n\r\n", bad},
	{"long version", "GET / HTTP/1.11\r\n\r\n", bad},
	{"lower-case protocol", "GET / http/1.1\r\n\r\n", bad},
	{"method with a comma", "G,ET / HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"no slash", "GET x HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"control byte in the path", "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"control byte in the query", "GET /ask?\x7f HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"tab in the path", "GET /\t HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"tab in the query", "GET /ask?a\tb HTTP/1.1\r\nHost: x\r\n\r\n", bad},
	{"no colon", "GET / HTTP/1.1\r\nHost: x\r\nHost\r\n\r\n", bad},
	{"no name", "GET / HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n", bad},
	{"space in the name", "GET / HTTP/1.1\r\nHost: x\r\nHo st: x\r\n\r\n", bad},
	{"space before the colon", "GET / HTTP/1.1\r\nHost: x\r\nHost : x\r\n\r\n", bad},
	{"space before the first name", "GET / HTTP/1.1\r\nHost: x\r\n Host: x\r\n\r\n", bad},
	{"bracket in the name", "GET / HTTP/1.1\r\nHost: x\r\nHo(st: x\r\n\r\n", bad},
	{"line without a carriage return", "GET / HTTP/1.1\nHost: x\r\n\r\n", bad},
	{"end without carriage returns", "GET / HTTP/1.1\n\nX: y\r\n\r\n", bad},
	{"line feeds alone", "GET / HTTP/1.1\nHost: x\n\n", bad},
	{"a line feed alone, and no end", "GET / HTTP/1.1\n", bad},
	{"a line feed alone in the second line", "GET / HTTP/1.1\r\nHost: x\n", bad},
	{"a line feed alone for the empty line", "GET / HTTP/1.1\r\nHost: x\r\n\n", bad},
	{"a line feed alone in another version", "GET / HTTP/2.0\nHost: x\r\n\r\n", bad},
	{"a line feed alone beyond the longest head", long(MaxHead)[:MaxHead-4] + "xxxx\n", tooLong},
	{"a carriage return alone", "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n", bad},
	{"a carriage return twice", "GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", bad},
	{"value on two lines", "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", bad},
	{"zero in the value", "GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", bad},
	{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", bad},
	{"two hosts, one of them empty", "GET / HTTP/1.1\r\nHost: a\r\nHost:\r\n\r\n", bad},
	{"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", bad},
	{"no host", "GET / HTTP/1.1\r\n\r\n", bad},
	{"no host, then a request", "GET / HTTP/1.1\r\n\r\n" + get, bad},
	{"no host but in the target", "GET http://x/ HTTP/1.1\r\n\r\n", bad},
	{"no host in HTTP/1.2", "GET / HTTP/1.2\r\n\r\n", bad},
	{"HEAD without a host", "HEAD / HTTP/1.1\r\n\r\n", strings.TrimSuffix(bad, "Bad Request\n")},
	{"empty host", host(""), greeting},
	{"host with a port", host("x.example:8080"), greeting},
	{"host with an empty port", host("x:"), greeting},
	{"host of digits", host("127.0.0.1"), greeting},
	{"host with escapes and marks", host("a%C3%A4-._~!$&'()*+,;="), greeting},
	{"host of IPv6", host("[::1]:80"), greeting},
	{"host of IPv6 and IPv4", host("[::FFFF:1.2.3.4]"), greeting},
	{"host with spaces around", host(" \tx \t"), greeting},
	{"host with a space", host("a b"), bad},
	{"host with a path", host("a/b"), bad},
	{"host with a user", host("u@a"), bad},
	{"hosts in a list", host("a, b"), bad},
	{"host with a port of letters", host("a:b"), bad},
	{"host with two ports", host("a:1:2"), bad},
	{"host with a bad escape", host("a%4"), bad},
	{"host beyond ASCII", host("\xc3\xa4"), bad},
	{"host of IPv6 without brackets", host("::1"), bad},
	{"host of IPv6 without its end", host("[::1"), bad},
	{"host of IPv6 with digits behind", host("[::1]5"), bad},
	{"host of IPv6 that is too long", host("[1:2:3:4:5:6:7:8:9]"), bad},
	{"host of IPv6 with a zone", host("[fe80::1%25eth0]"), bad},
	{"host of IPv4 in brackets", host("[127.0.0.1]"), bad},
	{"host of a later IP", host("[v1.x]"), bad}, // RFC 3986, section 3.2.2: no later version exists yet
	{"host with empty brackets", host("[]"), bad},
	{"malformed host beside another in the target", "GET http://x/ HTTP/1.1\r\nHost: a b\r\n\r\n", bad},
	{"a body of no bytes", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", greeting},
	{"a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", noBody},
	{"a body of some length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", bad},
	{"a body of empty length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", bad},
	{"a chunked body", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", noBody},
	{"a chunked body, then a request", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get, noBody},
	{"a body for a path that is not there", "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", noBody},
	{"a body of the longest length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 009223372036854775807\r\n\r\n", noBody},
	{"a body beyond all lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\n", bad},
	{"a list of lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 0\r\n\r\n", bad},
	{"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", bad},
	{"a body in both framings", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", bad},
	{"a chunked body in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
	{"an unknown coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x, chunked\r\n\r\n", noBody},
	{"an unknown coding at the end", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, x\r\n\r\n", bad},
	{"an unknown coding alone", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n", bad},
	{"no coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n", bad},
	{"chunked with a sign for kelvin", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chun\u212aed\r\n\r\n", bad},
	{"close with a long s", "GET / HTTP/1.1\r\nHost: x\r\nConnection: clo\u017fe\r\n\r\n", greeting},
	{"longest head", long(MaxHead), greeting},
	{"longest head, then another", long(MaxHead) + get, greeting + greeting},
	{"head too long by one", long(MaxHead + 1), tooLong},
	{"head without an end", strings.Repeat("x", MaxHead), tooLong},
	{"nearly too long without an end", strings.Repeat("x", MaxHead-1), ""},
}

func TestHeads(t *testing.T) {
	for _, h := range heads {
		var in Inbox
		in.Add([]byte(h.in))
		if got := said(&in); got != h.want {
			t.Errorf("%s: %.60q\n got %q\nwant %q", h.name, h.in, got, h.want)
		}
	}
}

// TestSplit: wherever TCP cuts the stream, the requests are the same.
func TestSplit(t *testing.T) {
	stream := get + "GET /ask?delay=5 HTTP/1.1\r\nHost: x\r\n\r\n\r\nHEAD /x HTTP/1.1\r\nHost: x\r\n\r\n" + "GET / HTTP/1.0\r\n\r\n"
	var whole Inbox
	whole.Add([]byte(stream))
	want := said(&whole)
	for cut := range stream {
		var in Inbox
		in.Add([]byte(stream[:cut]))
		got := said(&in)
		in.Add([]byte(stream[cut:]))
		if got += said(&in); got != want {
			t.Fatalf("cut at %d: got %q, want %q", cut, got, want)
		}
	}
	var in Inbox
	var got string
	for i := range len(stream) {
		in.Add([]byte{stream[i]})
		got += said(&in)
	}
	if got != want {
		t.Errorf("byte by byte: got %q, want %q", got, want)
	}
}

func TestUnanswered(t *testing.T) {
	var in Inbox
	in.Add([]byte("GET /ask HTTP/1.0\r\n\r\n"))
	r, ok := in.Next()
	if got, want := string(r.Unanswered()), reply("502 Bad Gateway", "Bad Gateway\n", closing); !ok || got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBurns: making the reply takes as long as the request says; reading the request does not.
func TestBurns(t *testing.T) {
	var in Inbox
	in.Add([]byte("GET /burn?ms=30 HTTP/1.1\r\nHost: x\r\n\r\n"))
	r, ok := in.Next()
	began := time.Now()
	r.Reply()
	if took := time.Since(began); !ok || took < 30*time.Millisecond {
		t.Errorf("burned for %v", took)
	}
}

// FuzzInbox: for any bytes, cut anywhere, nothing panics, nothing follows the last request, and the cut makes no
// difference.
func FuzzInbox(f *testing.F) {
	for _, h := range heads {
		f.Add([]byte(h.in), 7)
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		if cut < 0 || cut > len(stream) || len(stream) >= MaxHead { // a long head is refused as soon as it is too long
			cut = len(stream)
		}
		var whole, cutUp Inbox
		whole.Add(stream)
		want := said(&whole)
		cutUp.Add(stream[:cut])
		got := said(&cutUp)
		cutUp.Add(stream[cut:])
		if got += said(&cutUp); got != want {
			t.Errorf("cut at %d: got %q, want %q", cut, got, want)
		}
		if whole.closed {
			whole.Add([]byte(get))
			if more := said(&whole); more != "" {
				t.Errorf("after the last request: %q", more)
			}
		}
		if n := bytes.Count([]byte(want), []byte("Connection: close")); n > 1 {
			t.Errorf("%d replies close the connection", n)
		}
	})
}
