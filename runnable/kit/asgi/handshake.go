package asgi

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"era/runnable/kit/http1"
)

// upgrades tells whether a request is for a WebSocket (RFC 6455, section 4.2.1).
func upgrades(head *http1.Head) bool {
	return head.Version >= "HTTP/1.1" && strings.EqualFold(head.Field("Upgrade"), "websocket") && hasToken(head.Field("Connection"), "upgrade")
}

func hasToken(list, token string) bool {
	for option := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.Trim(option, " \t"), token) {
			return true
		}
	}
	return false
}

// websocket runs the application for a WebSocket. Nothing comes after it on the connection.
func (c *conn) websocket(head http1.Head) (more bool) {
	key, err := base64.StdEncoding.DecodeString(head.Field("Sec-WebSocket-Key"))
	switch {
	case head.Field("Sec-WebSocket-Version") != "13":
		c.refuse(http.StatusUpgradeRequired, Header{"sec-websocket-version", "13"})
		return false
	case err != nil || len(key) != 16 || head.Method != http.MethodGet || head.Length != 0:
		c.refuse(http.StatusBadRequest)
		return false
	}
	e := c.server.engine
	s := &socket{c: c, inbox: NewOutbox(e, inboxMax), room: e.NewBell(), over: e.NewBell()}
	s.denial = exchange{c: c, head: head, bodyEnded: true, close: true}
	scope := c.scope("websocket", "ws", &head)
	scope.Extensions = map[string]map[string]any{"websocket.http.response": {}}
	for protocol := range strings.SplitSeq(head.Field("Sec-WebSocket-Protocol"), ",") {
		if protocol = strings.Trim(protocol, " \t"); protocol != "" {
			scope.Subprotocols = append(scope.Subprotocols, protocol)
		}
	}
	s.offered = scope.Subprotocols
	c.server.mu.Lock()
	c.socket = s
	c.server.mu.Unlock()
	c.stream.Rewatch()
	s.finish(c.server.App(scope, s.receive, s.send))
	return false
}

// accept answers the handshake: whoever can hash the client's key with this text knows what a WebSocket is (RFC 6455,
// section 1.3).
func (s *socket) accept(e Event) error {
	if err := check(Event{Status: http.StatusOK, Headers: e.Headers}); err != nil {
		return err
	}
	hash := sha1.Sum([]byte(s.denial.head.Field("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	out := []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
	out = base64.StdEncoding.AppendEncode(out, hash[:])
	if e.Subprotocol != "" {
		offered := false
		for _, protocol := range s.offered {
			offered = offered || protocol == e.Subprotocol
		}
		if !offered {
			return errors.New("asgi: the client does not offer the subprotocol " + e.Subprotocol)
		}
		out = append(append(out, "\r\nSec-WebSocket-Protocol: "...), e.Subprotocol...)
	}
	for _, h := range e.Headers {
		out = append(appendName(append(out, "\r\n"...), h.Name), ": "...)
		out = append(out, h.Value...)
	}
	if _, err := s.c.stream.Write(append(out, "\r\n\r\n"...)); err != nil {
		return disconnected(err)
	}
	s.phase, s.accepted = open, true
	s.heard.Store(true)
	s.c.stream.Unwatch()
	s.c.server.engine.Go(s.read)
	return nil
}
