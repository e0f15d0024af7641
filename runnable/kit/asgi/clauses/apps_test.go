//go:build linux || darwin

package clauses

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"era/runnable/kit/asgi"
	"era/runnable/kit/asgi/bridge"
)

// The body of /much.
const part, parts = 64 << 10, 1024

// apps are small applications, each for one clause, by path. testdata/apps.py has the same in Python.
type apps struct {
	asgi.Engine
	lifespan, diary string // as LIFESPAN and DIARY for the Python applications

	mu    sync.Mutex
	notes []string // observations of an application that the client cannot make; GET /notes returns them
	sent  int
	gate  asgi.Bell
}

// call is an application with the same name in both files.
type call func(a *apps, scope asgi.Scope, receive asgi.Receive, send asgi.Send) error

func (a *apps) application(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	switch {
	case scope.Type == "lifespan":
		return a.live(scope, receive, send)
	case scope.Type == "http" && strings.HasPrefix(scope.Path, "/wsgi/"):
		return bridge.FromWSGI(a.Engine, underASGI)(scope, receive, send)
	case scope.Type == "http" && overHTTP[scope.Path] != nil:
		return overHTTP[scope.Path](a, scope, receive, send)
	case scope.Type == "websocket" && overWebSocket[scope.Path] != nil:
		return overWebSocket[scope.Path](a, scope, receive, send)
	}
	return asgi.ErrUnknownScope
}

func (a *apps) note(text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notes = append(a.notes, text)
}

func (a *apps) enter(line string) {
	file, err := os.OpenFile(a.diary, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(file, line)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		panic(err)
	}
}

func (a *apps) live(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	if a.lifespan == "raises" {
		return errors.New("what is a lifespan?")
	}
	first, err := receive()
	if err != nil {
		return err
	}
	a.enter(first.Type)
	if a.lifespan == "fails" {
		return send(asgi.Event{Type: asgi.LifespanStartupFailed, Message: "no database"})
	}
	scope.State["name"], scope.State["pool"] = "as it began", new(int)
	if err := a.Sleep(50 * time.Millisecond); err != nil {
		return err
	}
	a.enter("ready")
	if err := send(asgi.Event{Type: asgi.LifespanStartupComplete}); err != nil {
		return err
	}
	last, err := receive()
	if err != nil {
		return err
	}
	a.enter(last.Type)
	return send(asgi.Event{Type: asgi.LifespanShutdownComplete})
}

func start(send asgi.Send, headers ...asgi.Header) error {
	headers = append([]asgi.Header{{Name: "content-type", Value: "text/plain"}}, headers...)
	return send(asgi.Event{Type: asgi.ResponseStart, Status: 200, Headers: headers})
}

func body(send asgi.Send, body string, more bool) error {
	return send(asgi.Event{Type: asgi.ResponseBody, Body: []byte(body), More: more})
}

func text(send asgi.Send, said string) error {
	if err := start(send); err != nil {
		return err
	}
	return body(send, said, false)
}

// attempt notes the result of a send.
func attempt(err error) string {
	switch {
	case errors.Is(err, net.ErrClosed): // an OSError in Python
		return "OSError"
	case err != nil:
		return "raised"
	}
	return "taken"
}

func read(receive asgi.Receive) (whole string, err error) {
	for more := true; more; {
		e, err := receive()
		if err != nil {
			return "", err
		}
		if e.Type != asgi.HTTPRequest {
			return "", errors.New(e.Type)
		}
		whole, more = whole+string(e.Body), e.More
	}
	return whole, nil
}

var overHTTP = map[string]call{
	"/hello": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if _, err := receive(); err != nil {
			return err
		}
		return text(send, "hello")
	},
	"/notes": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		a.mu.Lock()
		said := strings.Join(a.notes, "; ")
		a.notes = nil
		a.mu.Unlock()
		return text(send, said)
	},
	"/raises": raises,
	"/version": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		return text(send, s.ASGI.Version)
	},
	"/spec": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		return text(send, s.ASGI.SpecVersion)
	},
	"/extra": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if err := send(asgi.Event{Type: asgi.ResponseStart, Status: 200, Code: 7, Text: "x"}); err != nil {
			return err
		}
		return send(asgi.Event{Type: asgi.ResponseBody, Body: []byte("fine"), Status: 404})
	},
	"/unknown": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		return text(send, attempt(send(asgi.Event{Type: "http.response.sing"})))
	},
	"/own": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if _, err := receive(); err != nil {
			return err
		}
		mark := "fresh"
		if s.RootPath != "" {
			mark = "used"
		}
		s.RootPath = "/mark"
		return text(send, mark)
	},
	"/mounted/at": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		inner := func(s asgi.Scope) error { return text(send, s.RootPath+" "+s.Path) }
		copied := s
		copied.RootPath, copied.Path = "/mounted", "/at"
		err := inner(copied)
		a.note(s.RootPath + " " + s.Path)
		return err
	},
	"/café /scope": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		whole, err := read(receive)
		if err != nil {
			return err
		}
		lines := []string{fmt.Sprintf("%s %s %s %s %s %s", s.Method, s.Scheme, s.HTTPVersion, s.Path, s.QueryString, whole)}
		for _, h := range s.Headers {
			lines = append(lines, h.Name+"="+h.Value)
		}
		return text(send, strings.Join(lines, "\n"))
	},
	"/addresses": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		known := map[bool]string{true: "True", false: "False"}
		return text(send, s.Client.Host+" "+known[s.Client.Port > 0]+", "+s.Server.Host+" "+known[s.Server.Port > 0])
	},
	"/ill-framed": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if err := start(send, asgi.Header{Name: "transfer-encoding", Value: "gzip"}, asgi.Header{Name: "x-order", Value: "1"},
			asgi.Header{Name: "x-order", Value: "2"}); err != nil {
			return err
		}
		return body(send, "plain", false)
	},
	"/no-content": framed(204, "0", ""), "/no-content-named": framed(204, "5", "hello"),
	"/reset":        framed(205, "5", "hello"),
	"/not-modified": framed(304, "5", ""), "/not-modified-bodied": framed(304, "", "hello"),
	"/named": framed(200, "5", "hello"), "/empty": framed(200, "", ""),
	"/echo": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		whole, err := read(receive)
		if err != nil {
			return err
		}
		return text(send, whole)
	},
	"/state": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		name, pool := s.State["name"], s.State["pool"].(*int)
		s.State["name"] = "changed"
		a.mu.Lock()
		*pool++
		said := fmt.Sprint(name, " ", *pool)
		a.mu.Unlock()
		return text(send, said)
	},
	"/extensions": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		return text(send, strings.Join(slices.Sorted(maps.Keys(s.Extensions)), " "))
	},
	"/trailers": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		return text(send, attempt(send(asgi.Event{Type: "http.response.trailers"})))
	},
	"/fails": fails, "/forgets": forgets, "/body-first": bodyFirst, "/torn": torn, "/gate": waitAtGate, "/open": openGate,
	"/much": much, "/how-much": howMuch, "/poll": poll, "/after": after,
}

// framed answers with a status, a Content-Length if length is not empty, and a body.
func framed(status int, length, said string) call {
	return func(_ *apps, _ asgi.Scope, _ asgi.Receive, send asgi.Send) error {
		var headers []asgi.Header
		if length != "" {
			headers = []asgi.Header{{Name: "content-length", Value: length}}
		}
		if err := send(asgi.Event{Type: asgi.ResponseStart, Status: status, Headers: headers}); err != nil {
			return err
		}
		return body(send, said, false)
	}
}

func raises(*apps, asgi.Scope, asgi.Receive, asgi.Send) error { return errors.New("on purpose") }
