package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"era/runnable/kit/job"
	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
)

// application is the one job, and two things more: /stream yields a body piece by piece, /upload reads one.
func application(backend sys.Addr) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		path, query := environ.Text("PATH_INFO"), environ.Text("QUERY_STRING")
		if path != "/upload" && hasBody(environ) {
			return text(startResponse, "501 Not Implemented", "Not Implemented\n") // as the servers that take no bodies
		}
		switch path {
		case "/":
			return text(startResponse, "200 OK", "hello\n")
		case "/ask":
			line, err := job.Ask(backend, query+"\n") // a slow backend holds this thread
			if err != nil {
				return text(startResponse, "502 Bad Gateway", "Bad Gateway\n")
			}
			return text(startResponse, "200 OK", string(line))
		case "/burn":
			return burn(query, startResponse)
		case "/stream":
			return stream(query, startResponse)
		case "/upload":
			return upload(environ["wsgi.input"].(io.Reader), startResponse)
		}
		return text(startResponse, "404 Not Found", "Not Found\n")
	}
}

// text returns a reply whose length is known.
func text(startResponse wsgi.StartResponse, status, body string) iter.Seq[[]byte] {
	startResponse(status, []wsgi.Header{{"Content-Type", "text/plain"}, {"Content-Length", strconv.Itoa(len(body))}})
	return wsgi.One([]byte(body))
}

// stream yields n lines with a pause before each but the first: /stream?n=10&ms=100. When the client leaves, yield
// returns false and the deferred call runs: this is PEP 3333's close().
func stream(query string, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
	lines, pause := number(query, "n", 10, 1000), number(query, "ms", 100, 10_000)
	startResponse("200 OK", []wsgi.Header{{"Content-Type", "text/plain"}})
	return func(yield func([]byte) bool) {
		for i := range lines {
			if i > 0 {
				sys.Sleep(time.Duration(pause) * time.Millisecond) // like Python's time.sleep, this holds the thread
			}
			if !yield(fmt.Appendf(nil, "line %d of %d\n", i+1, lines)) {
				return
			}
		}
	}
}

// upload counts and hashes a body as it arrives, and holds only one part of it at a time.
func upload(body io.Reader, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
	sum := sha256.New()
	n, err := io.Copy(sum, body)
	if err != nil {
		return text(startResponse, "400 Bad Request", "Bad Request\n") // the client left, or its chunks are malformed
	}
	return text(startResponse, "200 OK", fmt.Sprintf("%d bytes, sha256 %x\n", n, sum.Sum(nil)))
}

// burn keeps the processor busy: /burn?ms=5, up to 2000.
func burn(query string, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
	ms := number(query, "ms", 0, 2000)
	if ms == 0 {
		return text(startResponse, "400 Bad Request", "Bad Request\n")
	}
	for began := time.Now(); time.Since(began) < time.Duration(ms)*time.Millisecond; {
	}
	return text(startResponse, "200 OK", fmt.Sprintf("burned %d ms\n", ms))
}

// hasBody reports whether the request announces a body.
func hasBody(environ wsgi.Environ) bool {
	return strings.Trim(environ.Text("CONTENT_LENGTH"), "0") != "" || environ.Text("HTTP_TRANSFER_ENCODING") != ""
}

// number returns a value of the query, a number from 1 to most; otherwise, if it is missing or anything else.
func number(query, name string, otherwise, most int) int {
	values, err := url.ParseQuery(query)
	if err != nil {
		return otherwise
	}
	if n, err := strconv.Atoi(values.Get(name)); err == nil && n >= 1 && n <= most {
		return n
	}
	return otherwise
}
