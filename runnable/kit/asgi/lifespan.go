package asgi

import (
	"errors"
	"fmt"
	"log"
)

// lifespan is the call of the application that lasts as long as the server. Every request gets a copy of the scope's
// State as it left it.
type lifespan struct {
	events, answers *Outbox // to the application and from it
	err             error   // what the application returned, once answers is closed
	unknown         bool    // the application does not support lifespan
}

// startup waits until the application is ready for clients. An application that returns instead of answering does not
// support lifespan, and is served without; only one that reports a failure is not served.
func (s *Server) startup() (*lifespan, error) {
	l := &lifespan{events: NewOutbox(s.engine, 2), answers: NewOutbox(s.engine, 2)}
	s.state = map[string]any{}
	scope := Scope{Type: "lifespan", ASGI: Versions{"3.0", "2.0"}, State: s.state}
	s.engine.Go(func() error {
		l.err = s.App(scope, l.receive, l.send)
		l.answers.Close()
		return nil
	})
	l.events.Offer(Event{Type: LifespanStartup})
	answer, ok := l.answers.Take()
	switch {
	case !ok:
		if l.err != nil && !errors.Is(l.err, ErrUnknownScope) {
			log.Printf("asgi: served without lifespan: %v", l.err)
		}
		l.unknown = true
	case answer.Type == LifespanStartupFailed:
		return nil, fmt.Errorf("asgi: the application did not start: %s", answer.Message)
	}
	return l, nil
}

// shutdown waits until the application has cleaned up. No request is in progress any more.
func (l *lifespan) shutdown() error {
	if l.unknown {
		return nil
	}
	l.events.Offer(Event{Type: LifespanShutdown})
	answer, ok := l.answers.Take()
	switch {
	case !ok:
		return l.err
	case answer.Type == LifespanShutdownFailed:
		return fmt.Errorf("asgi: the application did not shut down: %s", answer.Message)
	}
	return nil
}

// errOver is what receive returns when the engine ends.
var errOver = errors.New("asgi: the server is over")

func (l *lifespan) receive() (Event, error) {
	if e, ok := l.events.Take(); ok {
		return e, nil
	}
	return Event{}, errOver
}

func (l *lifespan) send(e Event) error {
	switch e.Type {
	case LifespanStartupComplete, LifespanStartupFailed, LifespanShutdownComplete, LifespanShutdownFailed:
		if l.answers.Offer(e) {
			return nil
		}
	}
	return Misplaced(e)
}
