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
	name, port   string // of the listening socket, not of the client's Host header: never empty
	multithread  bool   // the application may be called by several threads at a time
	multiprocess bool   // there are other processes with the same application
	errors       io.Writer
}

// at prepares the listener, and stores its address.
func (s *server) at(listener int) error {
	addr, err := sys.Getsockname(listener)
	if err != nil {
		return fmt.Errorf("getsockname: %w", err)
	}
	s.name, s.port = addr.Addr().String(), strconv.Itoa(int(addr.Port()))
	// A client may leave, or another worker may take it, between our wait and our accept: then accept must not wait for
	// the next one.
	if err := sys.SetNonblock(listener, true); err != nil {
		return fmt.Errorf("listener: %w", err)
	}
	return nil
}

// environ makes a request's environ (PEP 3333, "environ Variables"; RFC 3875 for those of CGI).
func (s *server) environ(head *http1.Head, client string, body io.Reader) Environ {
	environ := make(Environ, 20+len(head.Fields))
	environ["REQUEST_METHOD"] = head.Method
	environ["SCRIPT_NAME"] = "" // the application is mounted at the root
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
	environ["wsgi.input_terminated"] = true // not in the PEP, but in many servers: reading to the end is safe
	for _, field := range head.Fields {
		key, ok := Variable(field.Name)
		if !ok {
			continue
		}
		if before, twice := environ[key].(string); twice {
			separator := ", " // one field in two lines (RFC 9110, section 5.3)
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

// Variable is a header's name in CGI: HTTP_ and the name in upper case, with "_" for "-". Two kinds are refused. A name
// with an underscore could pass for a header such as "X-Real-Ip", which a proxy sets. And many programs read HTTP_PROXY
// as the address of their own proxy ("httpoxy", 2016).
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
