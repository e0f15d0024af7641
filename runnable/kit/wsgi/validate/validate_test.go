package validate_test

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"era/runnable/kit/wsgi"
	"era/runnable/kit/wsgi/validate"
)

// environ returns a correct environ with changes: a nil value removes a variable.
func environ(changes wsgi.Environ) wsgi.Environ {
	e := wsgi.Environ{
		"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": "", "SERVER_NAME": "x",
		"SERVER_PORT":     "80",
		"SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": [2]int{1, 0}, "wsgi.url_scheme": "http",
		"wsgi.input":  strings.NewReader(""),
		"wsgi.errors": io.Discard, "wsgi.multithread": true, "wsgi.multiprocess": false, "wsgi.run_once": false,
	}
	maps.Copy(e, changes)
	maps.DeleteFunc(e, func(_ string, value any) bool { return value == nil })
	return e
}

// clause calls an application as a server does, and returns the violated clause; "" for none.
func clause(app wsgi.App, e wsgi.Environ) (broken string) {
	defer func() {
		if failure := recover(); failure != nil {
			var violation validate.Violation
			if err, ok := failure.(error); !ok || !errors.As(err, &violation) {
				panic(failure)
			}
			broken = violation.Clause
		}
	}()
	start := func(string, []wsgi.Header, ...error) wsgi.Write { return func([]byte) error { return nil } }
	for range app(e, start) {
	}
	return ""
}

// replies returns an application with this status, headers (name, value, …) and chunks.
func replies(status string, headers []string, chunks ...string) wsgi.App {
	return func(_ wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
		var pairs []wsgi.Header
		for pair := range slices.Chunk(headers, 2) {
			pairs = append(pairs, wsgi.Header{pair[0], pair[1]})
		}
		start(status, pairs)
		return func(yield func([]byte) bool) {
			for _, chunk := range chunks {
				if !yield([]byte(chunk)) {
					return
				}
			}
		}
	}
}

func text(more ...string) []string { return append([]string{"Content-Type", "text/plain"}, more...) }

var good = replies("200 OK", text("Content-Length", "5"), "hel", "", "lo")

func TestApplications(t *testing.T) {
	again := func(excuse ...error) wsgi.App {
		return func(_ wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
			start("200 OK", []wsgi.Header{{"Content-Type", "x"}})
			start("500 Oops", []wsgi.Header{{"Content-Type", "x"}}, excuse...)
			return wsgi.One(nil)
		}
	}
	for _, x := range []struct {
		what, clause string
		app          wsgi.App
	}{
		{"good", "", good},
		{"no content", "", replies("204 No Content", nil)},
		{"no iterator", "C5.1", func(_ wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] { return nil }},
		{"a status without a reason's space", "C5.3", replies("200", text())},
		{"a status without a number", "C5.3", replies("OK so", text())},
		{"an interim status", "C5.3", replies("100 Continue", text())},
		{"a header name with a space", "C5.3", replies("200 OK", text("X Y", "z"))},
		{"a header named Status", "C5.3", replies("200 OK", text("Status", "200"))},
		{"a line end in a header", "C5.3", replies("200 OK", text("X", "a\nb"))},
		{"no Content-Type", "C5.3", replies("200 OK", nil, "x")},
		{"a type of nothing", "C5.3", replies("304 Not Modified", text())},
		{"two starts", "C5.5", again()},
		{"two starts, excused", "", again(errors.New("late"))},
		{"no start", "C5.6", func(wsgi.Environ, wsgi.StartResponse) iter.Seq[[]byte] { return wsgi.One([]byte("x")) }},
		{"no start and no chunk", "C5.6", func(wsgi.Environ, wsgi.StartResponse) iter.Seq[[]byte] {
			return func(func([]byte) bool) {}
		}},
		{"too long", "C5.10", replies("200 OK", text("Content-Length", "4"), "hel", "lo")},
		{"too short", "C5.10", replies("200 OK", text("Content-Length", "6"), "hel", "lo")},
		{"a length that is none", "C5.10", replies("200 OK", text("Content-Length", "x"))},
		{"two lengths", "C5.10", replies("200 OK", text("Content-Length", "5", "content-length", "5"), "hello")},
		{"the length of what is not sent again", "", replies("304 Not Modified", []string{"Content-Length", "5"})},
		{"a header of the connection", "C5.10", replies("200 OK", text("Keep-Alive", "1"))},
		{"too much by write", "C5.10", func(_ wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
			start("200 OK", []wsgi.Header{{"Content-Type", "x"}, {"Content-Length", "1"}})([]byte("two"))
			return wsgi.One(nil)
		}},
	} {
		if got := clause(validate.New(x.app), environ(nil)); got != x.clause {
			t.Errorf("%s: %q, want %q", x.what, got, x.clause)
		}
	}
}

func TestServers(t *testing.T) {
	for _, x := range []struct {
		clause  string
		changes wsgi.Environ
	}{
		{"", wsgi.Environ{"SCRIPT_NAME": "/app", "PATH_INFO": ""}},
		{"", wsgi.Environ{"CONTENT_LENGTH": "", "HTTP_X": "y", "my.own": 1}},
		{"C5.12", wsgi.Environ{"REQUEST_METHOD": nil}},
		{"C5.12", wsgi.Environ{"SERVER_NAME": ""}},
		{"C5.12", wsgi.Environ{"SERVER_PORT": 80}},
		{"C5.12", wsgi.Environ{"HTTP_X": []byte("y")}},
		{"C5.12", wsgi.Environ{"HTTP_CONTENT_TYPE": "x"}},
		{"C5.12", wsgi.Environ{"SCRIPT_NAME": "/"}},
		{"C5.12", wsgi.Environ{"PATH_INFO": "x"}},
		{"C5.12", wsgi.Environ{"PATH_INFO": ""}},
		{"C5.12", wsgi.Environ{"CONTENT_LENGTH": "-1"}},
		{"C5.12", wsgi.Environ{"wsgi.version": nil}},
		{"C5.12", wsgi.Environ{"wsgi.url_scheme": "gopher"}},
		{"C5.11", wsgi.Environ{"wsgi.input": nil}},
		{"C5.11", wsgi.Environ{"wsgi.errors": "here"}},
		{"C5.11", wsgi.Environ{"wsgi.run_once": nil}},
	} {
		if got := clause(validate.New(good), environ(x.changes)); got != x.clause {
			t.Errorf("%v: %q, want %q", x.changes, got, x.clause)
		}
	}
	if got := clause(validate.New(good), nil); got != "C5.1" {
		t.Errorf("no environ: %q", got)
	}
}

func TestC5_9Middleware(t *testing.T) {
	upper := func(app wsgi.App) wsgi.App {
		return func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
			chunks := app(e, start)
			return func(yield func([]byte) bool) {
				for chunk := range chunks {
					if !yield(bytes.ToUpper(chunk)) {
						return
					}
				}
			}
		}
	}
	collects := func(app wsgi.App) wsgi.App {
		return func(e wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
			return wsgi.One(bytes.Join(slices.Collect(app(e, start)), nil))
		}
	}
	if got := clause(validate.Middleware(upper)(good), environ(nil)); got != "" {
		t.Errorf("one that yields each chunk: %q", got)
	}
	if got := clause(validate.Middleware(collects)(good), environ(nil)); got != "C5.9" {
		t.Errorf("one that collects: %q", got)
	}
}
