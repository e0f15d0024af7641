package http1

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// fuzzed returns streams of bytes, the same every time: those of the table, and 25,000 that follow the grammar, some
// with mistakes, half of them with some bytes changed. The tests must pass with any seed.
func fuzzed() []string {
	random := rand.New(rand.NewPCG(9112, 9110))
	var streams []string
	for _, h := range heads {
		streams = append(streams, h.in)
	}
	for range 25_000 {
		stream := madeHead(random)
		if random.IntN(10) == 0 {
			stream += madeHead(random)
		}
		if random.IntN(2) == 0 {
			stream = mutated(stream, random)
		}
		streams = append(streams, stream)
	}
	return streams
}

// words are right and wrong values of a part. Whether a value is right where it stands does not matter to the test: all
// readers must agree on all of them.
type words struct{ right, wrong []string }

// one picks a word at random, sometimes a wrong one.
func (w words) one(random *rand.Rand) string {
	if len(w.wrong) > 0 && random.IntN(16) == 0 {
		return w.wrong[random.IntN(len(w.wrong))]
	}
	return w.right[random.IntN(len(w.right))]
}

// The parts of heads.
var (
	methods = words{[]string{"GET", "HEAD", "POST", "OPTIONS", "BREW", "get"}, []string{"CONNECT", "PRI", "G,T", ""}}
	schemes = words{[]string{"http", "http", "HtTP"}, []string{"https", "HTTPS", "a+b-c.1", "httpx", "1a", "a_b", ""}}
	hosts   = words{
		[]string{"x", "x.example", "127.0.0.1", "[::1]", "[1:2:3:4:5:6:7:8]", "[::ffff:1.2.3.4]", "a%41b", "a%c3%A4",
			"!$&'()*+,;=", "a,b"},
		[]string{"", "a b", "u@a", "a, b", "[", "[]", "[::1", "[::1]5", "[v1.x]", "[1.2.3.4]", "[::1%25a]", "[1::2::3]",
			"[12345::]",
			"[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7:8::]", "[::01.2.3.4]", "[::1.2.3]", "::1", "a%4", "a/b", "a\"b", "a\\b", "a<b",
			"\xc3\xa4"},
	}
	ports = words{[]string{"", "", "", ":80", ":"}, []string{":b", ":1:2", ":-1", ": 1"}}
	paths = words{[]string{"/", "/ask", "/burn", "/x", "/%61sk", "//", "/a/../b", "/%00", "/a|b", "/#a", "/a:b",
		"/%c3%A4"}, []string{"/\xc3\xa4", "/%zz", "/%4", "*", "", "x", "x:443"}}
	queries = words{[]string{"", "", "?delay=5", "?ms=1", "?", "??", "?%zz", "?a=b&c", "?http://y/"},
		[]string{"?ms=0", "?\xff", "?a b"}}
	versions = words{[]string{"HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2"},
		[]string{"HTTP/2.0", "HTTP/0.9", "HTTP/3.0", "HTTP/1.10", "HTTP/11", "HTTP/1.", "http/1.1", "HTTP", ""}}
	lineEnds = words{[]string{"\r\n"}, []string{"\n", "\r", "\r\r\n", "\n\n", " \r\n", "\r\n ", "\r\n\r\n"}}
	names    = words{
		[]string{"Accept", "X", "Connection", "Content-Length", "Transfer-Encoding", "Expect", "connection", "CONTENT-LENGTH",
			"transfer-encoding", "Upgrade", "X_Y"},
		[]string{"Host", "X ", " X", "", "X(", "\xc3\xa4", "Trailer"},
	}
	values = map[string]words{
		"connection": {[]string{"close", "keep-alive", "Close", "x ,\tCLOSE", "closed", "close;q=1", ""},
			[]string{"clo\u017fe"}},
		"content-length": {[]string{"0", "00", "5", "9223372036854775807", "000000000000000000000000000005"},
			[]string{"+5", "-0", "5, 5", "0x5", "5_0", "", " 0 ", "9223372036854775808", "18446744073709551616"}},
		"transfer-encoding": {[]string{"chunked", "CHUNKED"},
			[]string{"gzip, chunked", "chunked, chunked", "identity", "chunked;q=1", "chun\u212aed", "\x0bchunked", ""}},
		"expect": {[]string{"100-continue", "100-Continue"}, []string{"100-continue, x", ""}},
		"": {[]string{"a", "a b", "", " \ta\tb ", "\"a, b\"", "\xc3\xa4", "\xff"},
			[]string{"a\x00", "a\x0b", "a\x7f", "a\rb"}},
	}
)

// madeHead returns a random head, wrong in places.
func madeHead(random *rand.Rand) string {
	target := paths.one(random) + queries.one(random)
	if random.IntN(3) == 0 {
		target = schemes.one(random) + "://" + hosts.one(random) + ports.one(random) + target
	}
	lines := []string{methods.one(random) + " " + target + " " + versions.one(random)}
	if random.IntN(16) > 0 {
		lines = append(lines, "Host: "+hosts.one(random)+ports.one(random))
	}
	for range max(0, random.IntN(6)-2) {
		name := names.one(random)
		value, known := values[strings.ToLower(name)]
		if !known {
			value = values[""]
		}
		lines = append(lines, name+[]string{": ", ":", ":\t "}[random.IntN(3)]+value.one(random))
	}
	var head strings.Builder
	for _, line := range append(lines, "") {
		head.WriteString(line + lineEnds.one(random))
	}
	return head.String()
}

// madeBody returns a random body in chunks, wrong in places.
func madeBody(random *rand.Rand) string {
	var body strings.Builder
	for range random.IntN(3) {
		body.WriteString(sizes.one(random) + extensions.one(random) + lineEnds.one(random) + "hello" + lineEnds.one(random))
	}
	body.WriteString("0" + extensions.one(random) + lineEnds.one(random))
	for range max(0, random.IntN(4)-2) {
		body.WriteString(trailers.one(random) + lineEnds.one(random))
	}
	return body.String() + lineEnds.one(random) + "GET"
}

var (
	sizes = words{[]string{"5", "05", "00000000000000000000005"},
		[]string{"", "0x5", "+5", " 5", "5_0", "4", "6", "A", "8000000000000000", "ffffffffffffffff1"}}
	extensions = words{[]string{"", "", "", ";a=b", " ; a=\"b;c\"", "\t"}, []string{" a", ";\n", ";\x00", ";\xff"}}
	trailers   = words{[]string{"X: y", "X:"}, []string{"X", ": y", "X : y", " y", "GET /none HTTP/1.1", "X: \x00",
		"Content-Length: 5"}}
)

// mutated returns the stream with some of its bytes changed, lost or doubled. The new bytes have a meaning in a head.
func mutated(stream string, random *rand.Rand) string {
	const meaning = "GETHP/1.02*?%:@[] \t,;\r\n\r\nx\x00\x7f\xff"
	s := []byte(stream)
	for range 1 + random.IntN(3) {
		if len(s) == 0 {
			break
		}
		at, c := random.IntN(len(s)), meaning[random.IntN(len(meaning))]
		switch random.IntN(4) {
		case 0:
			s = slices.Insert(s, at, c)
		case 1:
			s = slices.Delete(s, at, at+1)
		case 2:
			part := slices.Clone(s[at:min(at+random.IntN(20), len(s))])
			s = slices.Insert(s, random.IntN(len(s)), part...)
		default:
			s[at] = c
		}
	}
	return string(s)
}

// minimal returns the smallest part of a stream that still differs: no piece of it can be left out. differs reports for
// many streams at once which of them differ.
func minimal(stream string, differs func(streams []string) []bool) string {
	for size := len(stream); size > 0; {
		var shorter []string
		for at := 0; at+size <= len(stream); at++ {
			shorter = append(shorter, stream[:at]+stream[at+size:])
		}
		if i := slices.Index(differs(shorter), true); i >= 0 {
			stream = shorter[i]
			size = min(size, len(stream))
		} else {
			size /= 2
		}
	}
	return stream
}
