package main

import (
	"bytes"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"time"

	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
)

// collecting is a middleware that writes the body in capitals. It collects the whole body first, and until then passes
// nothing on.
func collecting(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		var whole []byte
		for chunk := range app(environ, startResponse) { // the mistake: the client has nothing until the last chunk is made
			whole = append(whole, chunk...)
		}
		return wsgi.One(bytes.ToUpper(whole))
	}
}

// passingOn writes each chunk in capitals as it comes. PEP 3333 asks for it: middleware must not hold up the body, and
// yields at least once for each chunk that it takes.
func passingOn(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		body := app(environ, startResponse)
		return func(yield func([]byte) bool) {
			for chunk := range body {
				if !yield(bytes.ToUpper(chunk)) {
					return
				}
			}
		}
	}
}

// stream yields n lines with a pause before each but the first: /stream?n=10&ms=100.
func stream(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
	lines, pause := number(environ.Text("QUERY_STRING"), "n"), number(environ.Text("QUERY_STRING"), "ms")
	startResponse("200 OK", []wsgi.Header{{"Content-Type", "text/plain"}})
	return func(yield func([]byte) bool) {
		for i := range lines {
			if i > 0 {
				sys.Sleep(time.Duration(pause) * time.Millisecond)
			}
			if !yield(fmt.Appendf(nil, "line %d of %d\n", i+1, lines)) {
				return
			}
		}
	}
}

// number returns a value of the query, from 1 to 1000; 1 if it is missing or anything else.
func number(query, name string) int {
	values, _ := url.ParseQuery(query) // the well-formed part of it
	n, err := strconv.Atoi(values.Get(name))
	if err != nil {
		return 1
	}
	return min(max(n, 1), 1000)
}
