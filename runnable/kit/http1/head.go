package http1

import (
	"bytes"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// MaxHead is how many bytes a request's head may have, the empty line included. A longer one is refused with 431.
const MaxHead = 8 << 10

// Field is one line of a head. Name is as the client wrote it; compare it with strings.EqualFold.
type Field struct{ Name, Value string }

// InChunks is the Length of a body that comes in chunks: its length is not known before its end (RFC 9112, section 7.1).
const InChunks = -1

// Head is a request's head. The book's servers need less of it: see Request.
type Head struct {
	Method   string
	Path     string  // of the target, unescaped: bytes in any encoding; "*" where the client asks for no path
	Query    string  // after the target's question mark, as it was sent
	Version  string  // "HTTP/1.0" or "HTTP/1.1"; a later 1.x counts as 1.1 (RFC 9110, section 6.2)
	Fields   []Field // in order; the value of Host is the target's host if the target names one
	Length   int64   // of the body, in bytes; or InChunks
	Close    bool    // the connection closes after the reply
	Continue bool    // the client waits for "100 Continue" before it sends the body (RFC 9110, section 10.1.1)
}

// Field returns the first field with that name, or "".
func (h *Head) Field(name string) string {
	for _, f := range h.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// emptyLines counts the bytes of empty lines before a head, which are ignored (RFC 9112, section 2.2).
func emptyLines(arrived []byte) (n int) {
	for {
		switch {
		case bytes.HasPrefix(arrived[n:], []byte("\r\n")):
			n += 2
		case bytes.HasPrefix(arrived[n:], []byte("\n")):
			n++
		default:
			return n
		}
	}
}

// endOfHead finds the empty line that ends a head. status is 200, 0 while the line has not arrived, or the reason not
// to wait for it. A line feed without its carriage return makes a head malformed: RFC 9112, section 2.2, allows a
// reader to take it for a line end, and two servers that do not agree on that see two different heads.
func endOfHead(arrived []byte) (end, status int) {
	for {
		feed := bytes.IndexByte(arrived[end:min(len(arrived), MaxHead)], '\n')
		switch {
		case feed < 0 && len(arrived) >= MaxHead:
			return 0, http.StatusRequestHeaderFieldsTooLarge
		case feed < 0:
			return 0, 0
		case feed == 0 || arrived[end+feed-1] != '\r':
			return 0, http.StatusBadRequest
		}
		end += feed + 1
		if feed == 1 {
			return end, http.StatusOK
		}
	}
}

// parseHead reads a complete head, its empty line included. The grammar is that of RFC 9112 and RFC 9110, and nothing
// is accepted that two readers could read differently: a client that makes two servers disagree on where a request ends
// smuggles another request past the first server (RFC 9112, section 11.2). net/http.ReadRequest accepts some of it, and
// costs more than the system calls around it.
//
// status is 200, or the reason for refusing the request; then nothing that follows on the connection can be trusted.
// fields is false for a caller that does not want h.Fields.
func parseHead(head []byte, fields bool) (h Head, status int) {
	text := string(head)
	line, rest, _ := strings.Cut(text[:len(text)-2], "\r\n")
	method, targeted, ok1 := strings.Cut(line, " ")
	target, version, ok2 := strings.Cut(targeted, " ")
	major, minor, ok3 := parseVersion(version)
	if !ok1 || !ok2 || !ok3 || !IsToken(method) {
		return h, http.StatusBadRequest
	}
	h = Head{Method: method, Version: "HTTP/1.1", Close: minor == 0}
	if minor == 0 {
		h.Version = "HTTP/1.0"
	}
	if major != 1 {
		return h, http.StatusHTTPVersionNotSupported
	}
	host, status := h.parseTarget(target)
	if status == http.StatusBadRequest {
		return h, status
	}
	if fields {
		h.Fields = make([]Field, 0, strings.Count(rest, "\n"))
	}
	hosts, lengths, codings, known := 0, 0, 0, true
	for rest != "" {
		line, rest, _ = strings.Cut(rest, "\r\n")
		name, value, ok := parseField(line)
		if !ok {
			return h, http.StatusBadRequest
		}
		switch {
		case Same(name, "host"):
			hosts++
			if !isHost(value) {
				return h, http.StatusBadRequest
			}
			if host != "" {
				value = host // the field is ignored (RFC 9112, section 3.2.2)
			}
		case Same(name, "content-length"):
			lengths++
			n, err := strconv.ParseUint(value, 10, 63) // digits only: no sign, no list
			if err != nil {
				return h, http.StatusBadRequest
			}
			h.Length = int64(n)
		case Same(name, "transfer-encoding"):
			codings++
			h.Length = InChunks
			known = Same(value, "chunked")
			if last := value[strings.LastIndexByte(value, ',')+1:]; !Same(strings.Trim(last, " \t"), "chunked") {
				return h, http.StatusBadRequest // section 6.3: the end of the body is unknown
			}
		case Same(name, "connection"):
			for option := range strings.SplitSeq(value, ",") {
				h.Close = h.Close || Same(strings.Trim(option, " \t"), "close")
			}
		case Same(name, "expect"):
			h.Continue = h.Continue || minor > 0 && Same(value, "100-continue")
		}
		if fields {
			h.Fields = append(h.Fields, Field{name, value})
		}
	}
	switch {
	case hosts > 1 || hosts == 0 && minor > 0: // RFC 9112, section 3.2
		return h, http.StatusBadRequest
	case lengths+codings > 1 || codings > 0 && minor == 0: // sections 6.1 and 6.3: as above
		return h, http.StatusBadRequest
	case status != http.StatusOK: // not before: a head without a Host is malformed, whatever its target
		return h, status
	case !known:
		return h, http.StatusNotImplemented
	}
	if fields && hosts == 0 && host != "" {
		h.Fields = append(h.Fields, Field{"Host", host})
	}
	return h, http.StatusOK
}

// parseVersion reads "HTTP/1.1".
func parseVersion(v string) (major, minor byte, ok bool) {
	if len(v) != 8 || v[:5] != "HTTP/" || v[6] != '.' || !isDigit(v[5]) || !isDigit(v[7]) {
		return 0, 0, false
	}
	return v[5] - '0', v[7] - '0', true
}

// parseTarget reads the request target in one of three forms (RFC 9112, section 3.2): /path?query; the same after
// http://host; and *, with which OPTIONS asks about the whole server. The fourth, of CONNECT, is for proxies: a server
// without tunnels does not have that method, and answers 501 (RFC 9110, sections 9.1 and 9.3.6).
//
// The scheme must be http. https needs a secured connection, and the bytes here arrive in clear text; for other schemes
// this server is not an origin. Such a request came to the wrong server, which is 421 (sections 7.4, 15.5.20).
func (h *Head) parseTarget(target string) (host string, status int) {
	switch {
	case h.Method == http.MethodConnect:
		return "", http.StatusNotImplemented
	case target == "*" && h.Method == http.MethodOptions:
		h.Path = target
		return "", http.StatusOK
	case !holds(&inTarget, target):
		return "", http.StatusBadRequest
	}
	status = http.StatusOK
	if target == "" || target[0] != '/' {
		scheme, rest, whole := strings.Cut(target, "://")
		if !whole || scheme == "" || !isLetter(scheme[0]) || !holds(&inScheme, scheme) {
			return "", http.StatusBadRequest
		}
		end := strings.IndexAny(rest+"/", "/?")
		if host, target = rest[:end], rest[end:]; host == "" || host[0] == ':' || !isHost(host) { // RFC 9110, section 4.2.1
			return "", http.StatusBadRequest
		}
		if !Same(scheme, "http") {
			status = http.StatusMisdirectedRequest
		}
	}
	raw, query, _ := strings.Cut(target, "?")
	path, err := url.PathUnescape(raw)
	if err != nil {
		return "", http.StatusBadRequest
	}
	if path == "" {
		path = "/" // RFC 9110, section 4.2.3
	}
	h.Path, h.Query = path, query
	return host, status
}

// parseField reads "Name: value", in a head or after a body's chunks (RFC 9112, section 5).
func parseField(line string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(line, ":")
	value = strings.Trim(value, " \t")
	return name, value, ok && IsToken(name) && holds(&inValue, value)
}

// isHost reports whether the text may be the value of Host: a name or an address, optionally with a port (RFC 9110,
// section 7.2; RFC 3986, section 3.2.2). It may be empty.
func isHost(text string) bool {
	if literal, is := strings.CutPrefix(text, "["); is {
		address, behind, closed := strings.Cut(literal, "]")
		addr, err := netip.ParseAddr(address)
		return closed && err == nil && addr.Is6() && addr.Zone() == "" &&
			(behind == "" || behind[0] == ':' && holds(&digits, behind[1:]))
	}
	name, port, _ := strings.Cut(text, ":")
	_, err := url.PathUnescape(name)
	return err == nil && holds(&inHost, name) && holds(&digits, port)
}

// IsToken reports whether the text may be a field's name, or a method (RFC 9110, section 5.6.2).
func IsToken(text string) bool { return text != "" && holds(&inToken, text) }

// Same compares a received word with one in lower case. Only ASCII letters match: with EqualFold alone, the Kelvin sign
// would match the k of "chunked".
func Same(text, want string) bool { return len(text) == len(want) && strings.EqualFold(text, want) }

// set is the set of bytes that are allowed in some part of a head.
type set [256]bool

// The sets. Bytes beyond ASCII are allowed where the grammar is not affected: nearly all of them are UTF-8.
var (
	digits   = setOf(isDigit)
	inScheme = setOf(func(c byte) bool { return isLetter(c) || isDigit(c) || strings.IndexByte("+-.", c) >= 0 })
	inToken  = setOf(func(c byte) bool {
		return isLetter(c) || isDigit(c) ||
			strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
	})
	inHost = setOf(func(c byte) bool {
		return isLetter(c) || isDigit(c) ||
			strings.IndexByte("-._~!$&'()*+,;=%", c) >= 0
	})
	inTarget = setOf(func(c byte) bool { return c > ' ' && c != 0x7f })
	inValue  = setOf(func(c byte) bool { return c >= ' ' && c != 0x7f || c == '\t' })
)

func setOf(is func(c byte) bool) (s set) {
	for c := range s {
		s[c] = is(byte(c))
	}
	return s
}

// holds reports whether all bytes of the text are in the set.
func holds(s *set, text string) bool {
	for i := range len(text) {
		if !s[text[i]] {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
