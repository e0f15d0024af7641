package main

import (
	"sync"

	"era/runnable/kit/asgi"
)

// room is a chat room: every message goes to all members. Sending to each in turn would make all wait for the slowest
// reader. So each member has an outbox, and a member whose outbox runs full is asked to leave.
type room struct {
	engine  asgi.Engine
	mu      sync.Mutex // never held while waiting
	members map[*member]bool
}

type member struct {
	send   asgi.Send
	outbox *asgi.Outbox
}

// outboxMax is how many messages a member may be behind, besides what its connection's buffers hold.
const outboxMax = 64

// tryAgainLater is the close code for a laggard. It did nothing that is forbidden (1008): it may come back when it
// keeps up. From the registry of RFC 6455, section 11.7.
const tryAgainLater = 1013

// failure is the close code for an error of the server (RFC 6455, section 7.4.1).
const failure = 1011

// join is the life of a member: one coroutine listens to it, another talks to it.
func (r *room) join(receive asgi.Receive, send asgi.Send) error {
	if _, err := receive(); err != nil { // websocket.connect
		return err
	}
	m := &member{send, asgi.NewOutbox(r.engine, outboxMax)}
	r.mu.Lock()
	r.members[m] = true // before it knows that it is in: it must miss nothing
	r.mu.Unlock()
	defer r.leave(m)
	if err := send(asgi.Event{Type: asgi.WebSocketAccept}); err != nil {
		return err
	}
	r.engine.Go(func() error {
		defer r.leave(m)
		return m.talk()
	})
	for {
		e, err := receive()
		if err != nil || e.Type == asgi.WebSocketDisconnect {
			return err
		}
		r.say(m, e)
	}
}

// talk sends what is in the outbox. A slow member holds its own coroutine here, and no other. If talk fails, the member
// must not stay without messages: talk closes the WebSocket, so that join receives an end. The engine logs the error.
func (m *member) talk() error {
	for {
		e, ok := m.outbox.Take()
		if !ok {
			return nil
		}
		if err := m.send(e); err != nil {
			m.send(asgi.Event{Type: asgi.WebSocketClose, Code: failure}) // fails if the member has left
			return err
		}
	}
}

// say puts a message into every outbox and waits for no member. A member that was asked to leave may not speak.
func (r *room) say(from *member, message asgi.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.members[from] {
		return
	}
	for m := range r.members {
		if !m.outbox.Offer(asgi.Event{Type: asgi.WebSocketSend, Text: message.Text, Bytes: message.Bytes}) {
			delete(r.members, m)
			m.outbox.Close()
			r.engine.Go(func() error {
				return m.send(asgi.Event{Type: asgi.WebSocketClose, Code: tryAgainLater, Reason: "too slow for this room"})
			})
		}
	}
}

func (r *room) leave(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, m)
	m.outbox.Close()
}
