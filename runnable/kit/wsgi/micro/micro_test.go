package micro

import (
	"errors"
	"html/template"
	"iter"
	"strings"
	"testing"

	"era/runnable/kit/wsgi"
	"era/runnable/kit/wsgi/validate"
)

// ask is the server: it calls the application through the validator, and collects its reply.
func ask(app wsgi.App, method, path string) (reply, log string) {
	var b, errors strings.Builder
	environ := wsgi.Environ{
		"REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "test",
		"SERVER_PORT":     "80",
		"SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": [2]int{1, 0}, "wsgi.url_scheme": "http",
		"wsgi.input":  strings.NewReader(""),
		"wsgi.errors": &errors, "wsgi.multithread": true, "wsgi.multiprocess": false, "wsgi.run_once": false,
	}
	start := func(status string, headers []wsgi.Header, _ ...error) wsgi.Write {
		b.WriteString(status + "\n")
		for _, h := range headers {
			b.WriteString(h[0] + ": " + h[1] + "\n")
		}
		return nil
	}
	for chunk := range validate.New(app)(environ, start) {
		b.Write(chunk)
	}
	return b.String(), errors.String()
}

// says is a middleware that adds a header.
func says(word string) func(wsgi.App) wsgi.App {
	return func(app wsgi.App) wsgi.App {
		return func(environ wsgi.Environ, start wsgi.StartResponse) iter.Seq[[]byte] {
			return app(environ, func(status string, headers []wsgi.Header, exc ...error) wsgi.Write {
				return start(status, append(headers[:len(headers):len(headers)], wsgi.Header{"Passed", word}), exc...)
			})
		}
	}
}

// TestMiddlewareOrder: the reply passes the innermost middleware first, and errors take the same way.
func TestMiddlewareOrder(t *testing.T) {
	app := &App{}
	app.Use(says("outer"))
	app.Use(says("inner"))
	app.Route("/", func(*Request) (Response, error) { return Text(200, "hello"), nil })
	for path, status := range map[string]string{"/": "200 OK\n", "/none": "404 Not Found\n"} {
		reply, _ := ask(app.Call, "GET", path)
		if !strings.HasPrefix(reply, status) || !strings.Contains(reply, "Passed: inner\nPassed: outer\n") {
			t.Errorf("%s:\n%s", path, reply)
		}
	}
}

// TestFailures: details of a failure are for the log; the client only learns that there was one.
func TestFailures(t *testing.T) {
	app := &App{}
	app.Route("/error", func(*Request) (Response, error) { return Response{}, errors.New("the secret") })
	app.Route("/panic", func(*Request) (Response, error) { panic("the secret") })
	app.Route("/teapot", func(*Request) (Response, error) { return Response{}, Status(418) })
	for path, status := range map[string]string{"/error": "500 ", "/panic": "500 ", "/teapot": "418 I'm a teapot\n"} {
		reply, log := ask(app.Call, "GET", path)
		if !strings.HasPrefix(reply, status) || strings.Contains(reply, "secret") ||
			strings.Contains(log, "the secret") != (path != "/teapot") {
			t.Errorf("%s: %q, logged %q", path, reply, log)
		}
	}
	app.ErrorPage = func(*Request, Status) (Response, error) {
		return Page(200, template.Must(template.New("").Parse("")), "missing", nil)
	}
	if reply, _ := ask(app.Call, "GET", "/none"); !strings.HasPrefix(reply, "404 ") ||
		!strings.HasSuffix(reply, "Not Found\n") {
		t.Errorf("with a page for errors that fails itself: %q", reply)
	}
}

// TestMount: the prefix moves to SCRIPT_NAME, through any number of applications.
func TestMount(t *testing.T) {
	show := func(r *Request) (Response, error) { return Text(200, "at "+r.Root()+", path "+r.Path()), nil }
	inner, middle, outer := &App{}, &App{}, &App{}
	inner.Route("/", show)
	inner.Route("/{x}", show)
	middle.Mount("/b", inner.Call)
	middle.Route("/bb", show)
	outer.Mount("/a", middle.Call)
	for path, want := range map[string]string{
		"/a/b": "at /a/b, path ", "/a/b/": "at /a/b, path /", "/a/b/c": "at /a/b, path /c", "/a/bb": "at /a, path /bb",
	} {
		if reply, _ := ask(outer.Call, "GET", path); !strings.HasSuffix(reply, "\n"+want) {
			t.Errorf("%s:\n%s", path, reply)
		}
	}
	if reply, _ := ask(outer.Call, "GET", "/ab"); !strings.HasPrefix(reply, "404 ") {
		t.Errorf("/ab:\n%s", reply)
	}
}
