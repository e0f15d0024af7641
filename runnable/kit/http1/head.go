package http1

import (
	"net/http"
	"strconv"
	"strings"
)

// Field is one line of a head. Name is as the client wrote it; compare it with strings.EqualFold.
type Field struct{ Name, Value string }

// InChunks is the Length of a body that comes in chunks: nobody knows its length before its end (RFC 9112, section 7.1).
const InChunks = -1

// Head is a request's head, for servers whose requests may have a body. The one job needs less: see Request.
type Head struct {
	Method   string
	Path     string  // of the target, its escapes undone: bytes, in whatever encoding; "*" where the client asks for no path
	Query    string  // behind the target's question mark, as it was sent
	Version  string  // "HTTP/1.1"
	Fields   []Field // in their order
	Length   int64   // of the body, in bytes; InChunks
	Close    bool    // the client wants no more than this reply on its connection
	Continue bool    // it waits for "100 Continue" before it sends the body (RFC 9110, section 10.1.1)
}

// Field is the first field of that name; "" when there is none.
func (h *Head) Field(name string) string {
	for _, f := range h.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// parseHead reads a complete head, its empty line included. status is 200, or why the request is refused; then nothing
// that follows on the connection can be trusted. Where a body ends must never be a matter of opinion: whoever makes two
// servers disagree there smuggles a request past the first of them (RFC 9112, sections 6.3 and 11.2).
func parseHead(bytes []byte) (h Head, status int) {
	text := string(bytes)
	line, rest, _ := strings.Cut(text[:len(text)-2], "\r\n")
	method, targeted, ok1 := strings.Cut(line, " ")
	target, version, ok2 := strings.Cut(targeted, " ")
	path, query, ok3 := parseTarget([]byte(target))
	if !ok1 || !ok2 || !ok3 || !IsToken(method) || !isVersion([]byte(version)) {
		return h, http.StatusBadRequest
	}
	h = Head{Method: method, Path: path, Query: string(query), Version: version, Close: version < "HTTP/1.1"}
	h.Fields = make([]Field, 0, strings.Count(rest, "\n"))
	hosts, lengths, codings, known := 0, 0, 0, true
	for rest != "" {
		line, rest, _ = strings.Cut(rest, "\r\n")
		name, value, ok := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		if !ok || !IsToken(name) || strings.ContainsFunc(value, isControl) {
			return h, http.StatusBadRequest
		}
		h.Fields = append(h.Fields, Field{name, value})
		switch {
		case strings.EqualFold(name, "Host"):
			hosts++
		case strings.EqualFold(name, "Content-Length"):
			lengths++
			n, err := strconv.ParseUint(value, 10, 63) // digits only: no sign, no list
			if err != nil {
				return h, http.StatusBadRequest
			}
			h.Length = int64(n)
		case strings.EqualFold(name, "Transfer-Encoding"):
			codings++
			h.Length = InChunks
			known = strings.EqualFold(value, "chunked")
		case strings.EqualFold(name, "Connection"):
			for option := range strings.SplitSeq(value, ",") {
				h.Close = h.Close || strings.EqualFold(strings.Trim(option, " \t"), "close")
			}
		case strings.EqualFold(name, "Expect"):
			h.Continue = version >= "HTTP/1.1" && strings.EqualFold(value, "100-continue")
		}
	}
	if hosts > 1 || lengths+codings > 1 || codings > 0 && version < "HTTP/1.1" {
		return h, http.StatusBadRequest
	}
	if !known {
		return h, http.StatusNotImplemented
	}
	return h, http.StatusOK
}

// IsToken tells whether the text may be a field's name, or a method (RFC 9110, section 5.6.2).
func IsToken(text string) bool {
	for i := range len(text) {
		if !isToken(text[i]) {
			return false
		}
	}
	return text != ""
}
