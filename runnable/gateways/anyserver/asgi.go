package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"

	"era/runnable/kit/asgi"
	"era/runnable/kit/sys"
)

// bareASGI is the application on ASGI alone; the engine connects it to the backend.
func bareASGI(e asgi.Engine, backend sys.Addr) asgi.App {
	return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if scope.Type != "http" {
			return fmt.Errorf("%w: %q", asgi.ErrUnknownScope, scope.Type)
		}
		text := func(status int, body string) error {
			if err := send(start(status, asgi.Header{Name: "content-length", Value: strconv.Itoa(len(body))})); err != nil {
				return err
			}
			return send(asgi.Event{Type: asgi.ResponseBody, Body: []byte(body)})
		}
		switch scope.Path {
		case "/":
			return text(http.StatusOK, "hello\n")
		case "/ask":
			line, err := ask(e, backend, scope.QueryString)
			if err != nil {
				return text(http.StatusBadGateway, "Bad Gateway\n")
			}
			return text(http.StatusOK, line)
		case "/stream":
			if err := send(start(http.StatusOK)); err != nil {
				return err
			}
			for i := range 3 {
				line := fmt.Appendf(nil, "line %d of 3\n", i+1)
				if err := send(asgi.Event{Type: asgi.ResponseBody, Body: line, More: i+1 < 3}); err != nil {
					return err
				}
			}
			return nil
		case "/upload":
			sum, n := sha256.New(), 0
			for more := true; more; {
				event, err := receive()
				if err != nil || event.Type == asgi.HTTPDisconnect {
					return err
				}
				sum.Write(event.Body)
				n, more = n+len(event.Body), event.More
			}
			return text(http.StatusOK, fmt.Sprintf("%d bytes, sha256 %x\n", n, sum.Sum(nil)))
		}
		return text(http.StatusNotFound, "Not Found\n")
	}
}

func start(status int, more ...asgi.Header) asgi.Event {
	headers := append([]asgi.Header{{Name: "content-type", Value: "text/plain"}}, more...)
	return asgi.Event{Type: asgi.ResponseStart, Status: status, Headers: headers}
}

func ask(e asgi.Engine, backend sys.Addr, question string) (string, error) {
	conn, err := e.Dial(backend)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, question); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}
