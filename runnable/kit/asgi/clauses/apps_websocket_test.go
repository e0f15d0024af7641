//go:build linux || darwin

package clauses

import (
	"errors"
	"fmt"
	"strings"

	"era/runnable/kit/asgi"
)

// accept waits for the connect, and accepts.
func (a *apps) accept(receive asgi.Receive, send asgi.Send, with asgi.Event) error {
	e, err := receive()
	if err != nil {
		return err
	}
	a.note(e.Type)
	with.Type = asgi.WebSocketAccept
	return send(with)
}

var overWebSocket = map[string]call{
	"/refuses": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if _, err := receive(); err != nil {
			return err
		}
		return send(asgi.Event{Type: asgi.WebSocketClose})
	},
	"/denies": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if _, err := receive(); err != nil {
			return err
		}
		headers := []asgi.Header{{Name: "www-authenticate", Value: "Basic"}}
		if err := send(asgi.Event{Type: asgi.DenialStart, Status: 401, Headers: headers}); err != nil {
			return err
		}
		return send(asgi.Event{Type: asgi.DenialBody, Body: []byte("who are you?")})
	},
	"/raises": raises,
	"/early": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if _, err := receive(); err != nil {
			return err
		}
		a.note(attempt(send(asgi.Event{Type: asgi.WebSocketSend, Text: "too early"})))
		return send(asgi.Event{Type: asgi.WebSocketClose})
	},
	"/hesitates": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		first, err := receive()
		if err != nil {
			return err
		}
		a.note(first.Type)
		left, err := receive() // not accepted, so only the disconnect can follow
		a.note(fmt.Sprint(left.Type, " ", left.Code))
		return err
	},
	"/greets": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		err := a.accept(receive, send, asgi.Event{Subprotocol: "chat.v2",
			Headers: []asgi.Header{{Name: "x-room", Value: "1"}, {Name: "content-length", Value: "0"}}})
		if err != nil {
			return err
		}
		return send(asgi.Event{Type: asgi.WebSocketSend, Text: s.Path + " " + strings.Join(s.Subprotocols, "+")})
	},
	"/talks": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if err := a.accept(receive, send, asgi.Event{}); err != nil {
			return err
		}
		for {
			e, err := receive()
			if err != nil {
				return err
			}
			if e.Type != asgi.WebSocketReceive {
				a.note(strings.TrimSpace(fmt.Sprint(e.Code, " ", e.Reason)))
				return nil
			}
			if err := send(asgi.Event{Type: asgi.WebSocketSend, Text: e.Text, Bytes: e.Bytes}); err != nil {
				return err
			}
		}
	},
	"/both": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if err := a.accept(receive, send, asgi.Event{}); err != nil {
			return err
		}
		a.note(attempt(send(asgi.Event{Type: asgi.WebSocketSend, Text: "x", Bytes: []byte("y")})))
		return nil
	},
	"/returns": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		return a.accept(receive, send, asgi.Event{})
	},
	"/stumbles": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		return errors.Join(a.accept(receive, send, asgi.Event{}), errors.New("on purpose"))
	},
	"/leaves": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if err := a.accept(receive, send, asgi.Event{}); err != nil {
			return err
		}
		return send(asgi.Event{Type: asgi.WebSocketClose})
	},
	"/leaves-badly": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if err := a.accept(receive, send, asgi.Event{}); err != nil {
			return err
		}
		a.note(attempt(send(asgi.Event{Type: asgi.WebSocketClose, Code: 1005})))
		return send(asgi.Event{Type: asgi.WebSocketClose, Code: 1000})
	},
	"/late": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if err := a.accept(receive, send, asgi.Event{}); err != nil {
			return err
		}
		for {
			e, err := receive()
			if err != nil {
				return err
			}
			if e.Type != asgi.WebSocketReceive {
				a.note(attempt(send(asgi.Event{Type: asgi.WebSocketSend, Text: "late"})))
				return nil
			}
		}
	},
	"/spec": func(a *apps, s asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if err := a.accept(receive, send, asgi.Event{}); err != nil {
			return err
		}
		return send(asgi.Event{Type: asgi.WebSocketSend, Text: s.ASGI.SpecVersion})
	},
}
