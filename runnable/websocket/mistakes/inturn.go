package main

import (
	"fmt"
	"slices"

	"era/runnable/kit/asgi"
)

// room is a chat room of the simplest kind. All of its members' tasks run on one loop: it needs no lock.
type room struct {
	members []*member // in the order in which they came
}

type member struct{ send asgi.Send }

func (r *room) call(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	if scope.Type != "websocket" {
		return fmt.Errorf("%w: %q", asgi.ErrUnknownScope, scope.Type)
	}
	if _, err := receive(); err != nil { // websocket.connect
		return err
	}
	if err := send(asgi.Event{Type: asgi.WebSocketAccept}); err != nil {
		return err
	}
	m := &member{send}
	r.members = append(r.members, m)
	defer func() { r.members = slices.DeleteFunc(r.members, func(other *member) bool { return other == m }) }()
	for {
		e, err := receive()
		if err != nil || e.Type == asgi.WebSocketDisconnect {
			return err
		}
		r.say(e.Text)
	}
}

// say sends to each in turn. A member that does not read holds the speaker, and all members behind it in the list; soon
// every speaker waits for the same member.
func (r *room) say(text string) {
	for _, m := range slices.Clone(r.members) { // they may come and go meanwhile
		// The mistake. An error means that the member has left, and its own task receives that.
		m.send(asgi.Event{Type: asgi.WebSocketSend, Text: text})
	}
}
