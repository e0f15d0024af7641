//go:build linux || darwin

package clauses

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"era/runnable/kit/asgi"
	"era/runnable/kit/wsgi"
)

func fails(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	return errors.Join(start(send), errors.New("after the start"))
}

func forgets(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error { return start(send) }

func bodyFirst(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	return body(send, "early", false)
}

func torn(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	return errors.Join(start(send), body(send, "half", true), errors.New("in the body"))
}

func waitAtGate(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	gate := a.NewBell()
	a.mu.Lock()
	a.gate = gate
	a.mu.Unlock()
	if err := errors.Join(start(send), body(send, "one", true)); err != nil {
		return err
	}
	if err := gate.Wait(); err != nil {
		return err
	}
	if err := body(send, "two", false); err != nil {
		return err
	}
	late := attempt(body(send, "three", false))
	a.note(late + ", " + attempt(start(send)))
	return nil
}

func openGate(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	a.mu.Lock()
	gate := a.gate
	a.mu.Unlock()
	gate.Ring()
	return text(send, "open")
}

func much(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	a.count(0)
	if err := start(send); err != nil {
		return err
	}
	chunk, came := strings.Repeat("\x00", part), "taken"
	for n := 1; came == "taken" && n <= parts; n++ {
		came = attempt(body(send, chunk, true))
		a.count(n)
	}
	a.note(came)
	return body(send, "", false)
}

func (a *apps) count(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = n
}

func howMuch(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	a.mu.Lock()
	n := a.sent
	a.mu.Unlock()
	return text(send, strconv.Itoa(n))
}

func poll(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	if _, err := receive(); err != nil {
		return err
	}
	a.note("polls")
	e, err := receive()
	if err != nil {
		return err
	}
	a.note(e.Type)
	a.note(attempt(text(send, "are you there?")))
	return nil
}

func after(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	if _, err := receive(); err != nil {
		return err
	}
	if err := text(send, "done"); err != nil {
		return err
	}
	e, err := receive()
	a.note(e.Type)
	return err
}

// underASGI is a WSGI application.
func underASGI(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
	startResponse("201 Created", []wsgi.Header{{"X-A", "1"}, {"X-A", "2"}})
	var lines []string
	for _, name := range []string{"REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_LENGTH",
		"HTTP_X_B"} {
		lines = append(lines, name+"="+environ.Text(name))
	}
	return func(yield func([]byte) bool) {
		if yield([]byte(strings.Join(lines, ", "))) {
			whole, err := io.ReadAll(environ["wsgi.input"].(io.Reader))
			if err != nil {
				panic(err)
			}
			yield(fmt.Appendf(nil, ", %s", whole))
		}
	}
}
