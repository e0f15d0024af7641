package wsgi

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"era/runnable/kit/http1"
	"era/runnable/kit/sys"
)

// server is what all requests of a server have in common.
type server struct {
	app          App
	name, port   string // of the listening socket: never empty, whatever the client calls us
	multithread  bool   // the application may be called by several threads at a time
	multiprocess bool   // there are other processes with the same application
	errors       io.Writer
}

// at prepares the listener, and fills in where it listens.
func (s *server) at(listener int) error {
	addr, err := sys.Getsockname(listener)
	if err != nil {
		return fmt.Errorf("getsockname: %w", err)
	}
	s.name, s.port = addr.Addr().String(), strconv.Itoa(int(addr.Port()))
	// A client may leave between the word that it is there and our accept, or another worker may be faster: then accept must
	// not wait for the next.
	if err := sys.SetNonblock(listener, true); err != nil {
		return fmt.Errorf("listener: %w", err)
	}
	return nil
}

// environ tells the application of a request (PEP 3333, "environ Variables"; RFC 3875 for those of CGI).
func (s *server) environ(head *http1.Head, client string, body io.Reader) Environ {
	environ := make(Environ, 20+len(head.Fields))
	environ["REQUEST_METHOD"] = head.Method
	environ["SCRIPT_NAME"] = "" // the application begins at the root
	environ["PATH_INFO"] = head.Path
	environ["QUERY_STRING"] = head.Query
	environ["SERVER_NAME"] = s.name
	environ["SERVER_PORT"] = s.port
	environ["SERVER_PROTOCOL"] = head.Version
	environ["REMOTE_ADDR"] = client
	environ["wsgi.version"] = [2]int{1, 0}
	environ["wsgi.url_scheme"] = "http"
	environ["wsgi.input"] = body
	environ["wsgi.errors"] = s.errors
	environ["wsgi.multithread"] = s.multithread
	environ["wsgi.multiprocess"] = s.multiprocess
	environ["wsgi.run_once"] = false
	environ["wsgi.input_terminated"] = true // no part of the PEP, but of many servers: one may read to the end
	for _, field := range head.Fields {
		key, ok := Variable(field.Name)
		if !ok {
			continue
		}
		if before, twice := environ[key].(string); twice {
			separator := ", " // one field on two lines (RFC 9110, section 5.3)
			if key == "HTTP_COOKIE" {
				separator = "; "
			}
			environ[key] = before + separator + field.Value
			continue
		}
		environ[key] = field.Value
	}
	return environ
}

// Variable is a header's name in CGI: HTTP_ and its letters large, "-" written "_". Two are refused. With an underscore
// a client could speak with the voice of a proxy that sets "X-Real-Ip". And HTTP_PROXY is what many programs take for
// their own proxy's address ("httpoxy", 2016).
func Variable(name string) (key string, ok bool) {
	switch {
	case strings.EqualFold(name, "Content-Type"):
		return "CONTENT_TYPE", true
	case strings.EqualFold(name, "Content-Length"):
		return "CONTENT_LENGTH", true
	case strings.Contains(name, "_"), strings.EqualFold(name, "Proxy"):
		return "", false
	case name == "Host":
		return "HTTP_HOST", true
	}
	return "HTTP_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")), true
}
