package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"strconv"

	"era/runnable/kit/job"
	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
)

// bareWSGI is the application on PEP 3333 alone.
func bareWSGI(backend sys.Addr) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		text := func(status, body string) iter.Seq[[]byte] {
			startResponse(status, []wsgi.Header{{"Content-Type", "text/plain"}, {"Content-Length", strconv.Itoa(len(body))}})
			return wsgi.One([]byte(body))
		}
		switch environ.Text("PATH_INFO") {
		case "/":
			return text("200 OK", "hello\n")
		case "/ask":
			line, err := job.Ask(backend, environ.Text("QUERY_STRING")+"\n")
			if err != nil {
				return text("502 Bad Gateway", "Bad Gateway\n")
			}
			return text("200 OK", string(line))
		case "/stream":
			startResponse("200 OK", []wsgi.Header{{"Content-Type", "text/plain"}})
			return func(yield func([]byte) bool) {
				for i := 0; i < 3 && yield(fmt.Appendf(nil, "line %d of 3\n", i+1)); i++ {
				}
			}
		case "/upload":
			sum := sha256.New()
			n, err := io.Copy(sum, environ["wsgi.input"].(io.Reader))
			if err != nil {
				return text("400 Bad Request", "Bad Request\n")
			}
			return text("200 OK", fmt.Sprintf("%d bytes, sha256 %x\n", n, sum.Sum(nil)))
		}
		return text("404 Not Found", "Not Found\n")
	}
}
