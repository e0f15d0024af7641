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

// collecting is a middleware that writes all in capitals. It takes the body apart to put it together again, and before
// that there is nothing to pass on.
func collecting(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		var whole []byte
		for chunk := range app(environ, startResponse) { // the mistake: the client has nothing until the last chunk is made
			whole = append(whole, chunk...)
		}
		return wsgi.One(bytes.ToUpper(whole))
	}
}

// passingOn does the same to each chunk as it comes. PEP 3333 asks for it: middleware must not hold up the body, and
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

// number is a value of the query, 1 to 1000; 1 if there is none, or it is something else.
func number(query, name string) int {
	values, _ := url.ParseQuery(query) // what could be read
	n, err := strconv.Atoi(values.Get(name))
	if err != nil {
		return 1
	}
	return min(max(n, 1), 1000)
}
