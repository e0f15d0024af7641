package toolkit

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"testing"

	"era/runnable/kit/asgi"
)

// ask is the server: it calls the application with events for receive, and records the sent ones.
func ask(app asgi.App, scope asgi.Scope, received ...asgi.Event) (sent string, err error) {
	var b strings.Builder
	err = app(scope, func() (asgi.Event, error) {
		if len(received) == 0 {
			return asgi.Event{}, errors.New("nothing more is to be received")
		}
		e := received[0]
		received = received[1:]
		return e, nil
	}, func(e asgi.Event) error {
		fmt.Fprintf(&b, "%s %d %v %q %t\n", e.Type, e.Status, e.Headers, e.Body, e.More)
		return nil
	})
	return b.String(), err
}

func get(path string) asgi.Scope { return asgi.Scope{Type: "http", Method: "GET", Path: path} }

// says is a middleware that adds a header.
func says(word string) func(asgi.App) asgi.App {
	return func(app asgi.App) asgi.App {
		return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
			return app(scope, receive, func(e asgi.Event) error {
				if e.Type == asgi.ResponseStart {
					e.Headers = append(e.Headers[:len(e.Headers):len(e.Headers)], asgi.Header{Name: "passed", Value: word})
				}
				return send(e)
			})
		}
	}
}

// TestMiddlewareOrder: the response passes the innermost middleware first, and errors take the same way.
func TestMiddlewareOrder(t *testing.T) {
	app := &App{}
	app.Use(says("outer"))
	app.Use(says("inner"))
	app.Route("/", func(*Request) (Response, error) { return Text(200, "hello"), nil })
	for path, status := range map[string]string{"/": "start 200", "/none": "start 404"} {
		sent, err := ask(app.Call, get(path))
		if err != nil || !strings.Contains(sent, status) || !strings.Contains(sent, "{passed inner} {passed outer}") {
			t.Errorf("%s: %v\n%s", path, err, sent)
		}
	}
}

// TestFailures: details of a failure are for the log; the client only learns that there was one.
func TestFailures(t *testing.T) {
	var diary strings.Builder
	log.SetOutput(&diary)
	defer log.SetOutput(os.Stderr)
	app := &App{}
	app.Route("/error", func(*Request) (Response, error) { return Response{}, errors.New("the secret") })
	sent, err := ask(app.Call, get("/error"))
	if err != nil || !strings.Contains(sent, "start 500") || strings.Contains(sent, "secret") ||
		!strings.Contains(diary.String(), "the secret") {
		t.Errorf("%v, %s, logged %q", err, sent, diary.String())
	}
}

// TestStream: parts are sent one by one, and a failure in the middle leaves the response incomplete.
func TestStream(t *testing.T) {
	app, broken := &App{}, errors.New("broken")
	app.Route("/{how}", func(r *Request) (Response, error) {
		return Stream(func(write func([]byte) error) error {
			if err := write([]byte("one")); err != nil || r.Param("how") == "broken" {
				return errors.Join(err, broken)
			}
			return write([]byte("two"))
		}), nil
	})
	sent, err := ask(app.Call, get("/whole"))
	if err != nil || strings.Count(sent, " true\n") != 2 ||
		!strings.HasSuffix(sent, `http.response.body 0 [] "" false`+"\n") {
		t.Errorf("%v\n%s", err, sent)
	}
	if sent, err = ask(app.Call, get("/broken")); !errors.Is(err, broken) || !strings.HasSuffix(sent, `"one" true`+"\n") {
		t.Errorf("%v\n%s", err, sent)
	}
}

// TestForm: a form in parts; and one whose client leaves in the middle and gets no reply.
func TestForm(t *testing.T) {
	app := &App{}
	app.Route("POST /", func(r *Request) (Response, error) {
		form, err := r.Form()
		return Text(200, form.Get("a")), err
	})
	scope := asgi.Scope{Type: "http", Method: "POST", Path: "/",
		Headers: []asgi.Header{{Name: "content-type", Value: "application/x-www-form-urlencoded"}}}
	begins := asgi.Event{Type: asgi.HTTPRequest, Body: []byte("a=%C"), More: true}
	sent, err := ask(app.Call, scope, begins, asgi.Event{Type: asgi.HTTPRequest, Body: []byte("3%A9")})
	if err != nil || !strings.Contains(sent, `"é"`) {
		t.Errorf("%v\n%s", err, sent)
	}
	if sent, err = ask(app.Call, scope, begins, asgi.Event{Type: asgi.HTTPDisconnect}); sent != "" ||
		!errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("to a client that has left: %q, %v", sent, err)
	}
}

// TestMount: the prefix is added to root_path, the path keeps it; other scopes are handled too.
func TestMount(t *testing.T) {
	inner, outer := &App{}, &App{}
	inner.Route("/{x}", func(r *Request) (Response, error) {
		return Text(200, r.RootPath+" "+r.Path+" "+r.Param("x")),
			nil
	})
	outer.Mount("/a", inner.Call)
	if sent, err := ask(outer.Call, get("/a/b")); err != nil || !strings.Contains(sent, `"/a /a/b b"`) {
		t.Errorf("%v\n%s", err, sent)
	}
	if sent, err := ask(outer.Call, asgi.Scope{Type: "websocket", Path: "/a/b"}); err != nil ||
		!strings.HasPrefix(sent, asgi.WebSocketClose) {
		t.Errorf("a WebSocket: %v %q", err, sent)
	}
	if _, err := ask(outer.Call, asgi.Scope{Type: "lifespan"}); !errors.Is(err, asgi.ErrUnknownScope) { // C6.2
		t.Errorf("a lifespan: %v", err)
	}
}
