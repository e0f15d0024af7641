package scenario

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gobwas/ws"

	"era/catalogue"
)

// The scenarios of a chat room.
var (
	websocketScenario = Scenario{
		Name: "websocket", Title: "A room in which all hear all", Speaks: catalogue.WebSocket,
		Expect: "Members of a chat room talk, and all hear what each says: watch how long a message takes to come " +
			"back to its sender, and whether all members hear everything, in order.",
		Groups:  []string{"talkers", "listeners"},
		Servers: []string{"asgi", "asgi-goroutines", "asgi/python"},
		Knobs: []Knob{
			{Name: "talkers", Label: "members who talk", Min: 1, Max: 50, Default: 10, Step: 1},
			{Name: "listeners", Label: "members who only listen", Min: 0, Max: 200, Default: 20, Step: 1},
			{Name: "messages", Label: "messages of each", Min: 1, Max: 50, Default: 20, Step: 1},
			{Name: "gap", Label: "pause between two of one's messages", Says: "%s between two of one's messages",
				Unit: "ms", Min: 20, Max: 200, Default: 100, Step: 10},
			{Name: "size", Label: "size of a message", Says: "messages of %s",
				Unit: "bytes", Min: 64, Max: 4 << 10, Default: 64, Step: 64},
		},
		Limits: messagesHeard(true),
		build:  websocket,
	}
	laggardScenario = Scenario{
		Name: "laggard", Title: "One in the room that does not read", Speaks: catalogue.WebSocket,
		Expect: "All hear what each says, but one member does not read for a while: " +
			"watch what the others still hear, and what becomes of the one.",
		Groups:  []string{"talkers", "laggard"},
		Servers: []string{"in-turn", "asgi", "asgi-goroutines", "in-turn/python", "asgi/python"},
		Knobs: []Knob{
			{Name: "talkers", Label: "members who talk", Min: 1, Max: 20, Default: 8, Step: 1},
			{Name: "messages", Label: "messages of each", Min: 10, Max: 60, Default: 40, Step: 10},
			{Name: "gap", Label: "pause between two of one's messages", Says: "%s between two of one's messages",
				Unit: "ms", Min: 20, Max: 100, Default: 80, Step: 10},
			{Name: "size", Label: "size of a message", Says: "messages of %s",
				Unit: "bytes", Min: 1 << 10, Max: 32 << 10, Default: 32 << 10,
				Step: 1 << 10},
		},
		Limits: messagesHeard(false),
		build:  laggard,
	}
)

// gathering is how long a room has to fill before the first member speaks.
const gathering = 300 * time.Millisecond

// websocket: a member that has heard everything leaves, and one that has not gives up after a second of silence.
func websocket(s Settings, r *rand.Rand) Script {
	gap, all := ms(s["gap"]), s["talkers"]*s["messages"]
	end := gathering + gap*time.Duration(s["messages"]) + time.Second
	listeners := members("listeners", s["listeners"], r)
	for i := range listeners {
		listeners[i].stay(all, end)
	}
	return script(end, talkers(s, r, end), listeners)
}

// laggard: the slow member reads on when the others have given up, and what it then finds shows how it was treated.
func laggard(s Settings, r *rand.Rand) Script {
	all := s["talkers"] * s["messages"]
	end := gathering + ms(s["gap"])*time.Duration(s["messages"]) + time.Second
	one := members("laggard", 1, r)
	one[0].Receive = 16 << 10
	listening := len(one[0].Steps) - 1
	one[0].Steps[listening] = pause(end - one[0].Start)
	one[0].Steps = append(one[0].Steps, Step{Do: Listen})
	one[0].stay(all, end+ms(1500))
	return script(end+ms(1500), talkers(s, r, end), one)
}

// talkers send their messages at the same pace, whatever they hear.
func talkers(s Settings, r *rand.Rand, end time.Duration) []Client {
	gap := ms(s["gap"])
	all := members("talkers", s["talkers"], r)
	for i, first := range spread(s["talkers"], gathering, gathering+gap, r) {
		c := &all[i]
		for n := range s["messages"] {
			rest := gap
			if n == 0 {
				rest = first - c.Start
			}
			text := fmt.Appendf(nil, "%s: %d ", c.Name, n+1)
			text = append(text, bytes.Repeat([]byte{'.'}, s["size"]-len(text))...)
			c.Steps = append(c.Steps, pause(rest), send(masked(ws.OpText, text, r)))
		}
		c.stay(s["talkers"]*s["messages"], end)
	}
	return all
}

// members enter the room, in the first part of the gathering, and listen.
func members(group string, n int, r *rand.Rand) []Client {
	var all []Client
	for i, start := range spread(n, 0, gathering/2, r) {
		hello, key := handshake(r)
		all = append(all, Client{Name: named(group, i), Group: group, Start: start,
			Steps: []Step{{Do: Say, Bytes: hello}, {Do: Hear, Want: key}, {Do: Listen}}})
	}
	return all
}

// stay adds the rest of a member's script: it waits until it has heard the given number of messages, says goodbye and
// leaves.
func (c *Client) stay(messages int, giveUp time.Duration) {
	goodbye, _ := ws.CompileFrame(ws.MaskFrameWith(ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusNormalClosure, "")),
		[4]byte{}))
	c.GiveUp = giveUp
	c.Steps = append(c.Steps, Step{Do: Receive, N: messages}, Step{Do: Say, Bytes: goodbye}, Step{Do: Close})
}

// handshake returns a client's first bytes (RFC 6455, section 1.3), and the key that the answer must have.
func handshake(r *rand.Rand) (hello []byte, key string) {
	var nonce [16]byte
	for i := range nonce {
		nonce[i] = byte(r.Uint32())
	}
	challenge := base64.StdEncoding.EncodeToString(nonce[:])
	hello = []byte("GET /chat HTTP/1.1\r\nHost: era.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + challenge + "\r\n\r\n")
	sum := sha1.Sum([]byte(challenge + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return hello, base64.StdEncoding.EncodeToString(sum[:])
}

// masked returns a client's frame: it has a key of its own, so that no intermediary can be made to take it for
// something else (section 5.3).
func masked(op ws.OpCode, payload []byte, r *rand.Rand) []byte {
	var key [4]byte
	for i := range key {
		key[i] = byte(r.Uint32())
	}
	frame, err := ws.CompileFrame(ws.MaskFrameInPlaceWith(ws.NewFrame(op, true, payload), key))
	if err != nil {
		panic(err) // it writes to memory
	}
	return frame
}
