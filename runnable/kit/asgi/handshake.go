package asgi

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"era/runnable/kit/http1"
)

// upgrades reports whether a request is for a WebSocket (RFC 6455, section 4.2.1).
func upgrades(head *http1.Head) bool {
	return head.Version >= "HTTP/1.1" && lists(head, "Upgrade", "websocket") && lists(head, "Connection", "upgrade")
}

func lists(head *http1.Head, name, option string) bool {
	return slices.ContainsFunc(list(head, name), func(o string) bool { return http1.Same(o, option) })
}

// list returns the elements of the lines with that name, which together are one list (RFC 9110, section 5.3).
func list(head *http1.Head, name string) (options []string) {
	for _, f := range head.Fields {
		if !strings.EqualFold(f.Name, name) {
			continue
		}
		for option := range strings.SplitSeq(f.Value, ",") {
			if option = strings.Trim(option, " \t"); option != "" {
				options = append(options, option)
			}
		}
	}
	return options
}

// websocket runs the application for a WebSocket. No other request follows on the connection.
func (c *conn) websocket(head http1.Head) (more bool) {
	keys := list(&head, "Sec-WebSocket-Key")
	key, err := base64.StdEncoding.DecodeString(strings.Join(keys, ",")) // two keys are not valid base64
	switch {
	case head.Field("Sec-WebSocket-Version") != "13":
		c.refuse(http.StatusUpgradeRequired, Header{"sec-websocket-version", "13"})
		return false
	case err != nil || len(key) != 16 || head.Field("Host") == "" || head.Method != http.MethodGet || head.Length != 0 ||
		!grammatical(&head):
		c.refuse(http.StatusBadRequest)
		return false
	}
	e := c.server.engine
	s := &socket{c: c, inbox: NewOutbox(e, inboxMax), room: e.NewBell(), over: e.NewBell()}
	s.denial = exchange{c: c, head: head, bodyEnded: true, close: true}
	scope := c.scope("websocket", "ws", &head)
	scope.Extensions = map[string]map[string]any{"websocket.http.response": {}}
	scope.Subprotocols = list(&head, "Sec-WebSocket-Protocol")
	s.offered = slices.Clone(scope.Subprotocols) // the application may change its own
	c.server.mu.Lock()
	c.socket = s
	c.server.mu.Unlock()
	c.stream.Rewatch()
	s.finish(c.server.App(scope, s.receive, s.send))
	return false
}

// extensions is the grammar of a client's offers (RFC 6455, section 9.1): names, each with parameters, whose values are
// tokens, quoted or not.
var extensions = regexp.MustCompile(strings.NewReplacer("T", "[!#$%&'*+.^_`|~0-9A-Za-z-]+", "_", `[ \t]*`).
	Replace(`^T(_;_T(_=_(T|"T"))?)*$`))

// grammatical reports whether the lists of the handshake are well-formed. A malformed one must be refused, even if we
// would not have used it (section 4.2.1).
func grammatical(head *http1.Head) bool {
	for _, extension := range list(head, "Sec-WebSocket-Extensions") {
		if !extensions.MatchString(extension) {
			return false
		}
	}
	return !slices.ContainsFunc(list(head, "Sec-WebSocket-Protocol"), func(p string) bool { return !http1.IsToken(p) })
}

// accept answers the handshake: hashing the client's key with this text proves that the server supports WebSockets (RFC
// 6455, section 1.3).
func (s *socket) accept(e Event) error {
	if err := check(Event{Status: http.StatusOK, Headers: e.Headers}); err != nil {
		return err
	}
	hash := sha1.Sum([]byte(s.denial.head.Field("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	out := []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
	out = base64.StdEncoding.AppendEncode(out, hash[:])
	if e.Subprotocol != "" {
		if !slices.Contains(s.offered, e.Subprotocol) {
			return errors.New("asgi: the client does not offer the subprotocol " + e.Subprotocol)
		}
		out = append(append(out, "\r\nSec-WebSocket-Protocol: "...), e.Subprotocol...)
	}
	answer := acceptDeflate(&s.denial.head)
	if answer != "" {
		out = append(append(out, "\r\nSec-WebSocket-Extensions: "...), answer...)
	}
	for _, h := range e.Headers {
		switch strings.ToLower(h.Name) {
		case "content-length", "transfer-encoding", "connection", "upgrade": // set by the server
			continue
		}
		out = append(appendName(append(out, "\r\n"...), h.Name), ": "...)
		out = append(out, h.Value...)
	}
	if _, err := s.c.stream.Write(append(out, "\r\n\r\n"...)); err != nil {
		return disconnected(err)
	}
	s.phase, s.deflates = open, answer != ""
	s.accepted.Store(true)
	s.heard.Store(true)
	s.c.stream.Unwatch()
	s.c.server.engine.Go(s.read)
	return nil
}
