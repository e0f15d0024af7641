package timeline

import (
	"slices"

	"era/lab/recording"
	"era/lab/traffic"
)

// transition is something that may change a connection's state.
type transition struct {
	at    int64
	what  traffic.What
	e     traffic.Event
	bytes int // of hasBuffered
}

// Transitions that the server makes.
const (
	wasAccepted traffic.What = "accepted"
	wasFull     traffic.What = "full"     // the kernel takes no more bytes for this peer
	hasBuffered traffic.What = "buffered" // the server buffers too many bytes for it, or no longer
)

func (tl *Timeline) enqueue(c *connection, t transition) {
	n := len(c.queue)
	if n > 0 && t.what == wasFull && c.queue[n-1].what == wasFull {
		return // a polling server finds it full a million times a second
	}
	if n == 0 {
		tl.unsettled = append(tl.unsettled, c)
	}
	c.queue = append(c.queue, t)
}

// settle draws a connection's states up to now.
func (tl *Timeline) settle(c *connection, now int64) {
	slices.SortStableFunc(c.queue, func(a, b transition) int { return int(a.at - b.at) })
	n := 0
	for ; n < len(c.queue) && c.queue[n].at <= now; n++ {
		tl.change(c, c.queue[n])
	}
	c.queue = slices.Delete(c.queue, 0, n)
}

func (tl *Timeline) change(c *connection, t transition) {
	was, request := c.state, c.answered+1
	open := was != ""
	switch t.what {
	case traffic.Connected:
		open = true
	case wasAccepted:
		c.accepted = true
	case wasFull:
		c.full = true
	case hasBuffered:
		c.buffered, c.bytes = t.bytes > 0, max(c.bytes, t.bytes)
	case traffic.Begun:
		c.begun = true
	case traffic.Sent:
		c.begun = false
		c.asked++
	case traffic.Holding:
		c.holding = true
	case traffic.Resumed:
		c.holding, c.full = false, false
	case traffic.Started:
		c.started = true
	case traffic.Answered:
		c.answered, c.started = c.answered+1, false
	case traffic.Failed:
		c.answered, c.begun, c.started = c.answered+1, false, false
		c.asked = max(c.asked, c.answered)
	case traffic.Closed:
		open = false
	}
	state := recording.State("")
	if open {
		state = c.now()
	}
	if state != was || t.what == traffic.Answered {
		if was != "" && t.at > c.since {
			tl.draw(c.span(t.at, request))
		}
		if c.state, c.since = state, t.at; !c.buffered {
			c.bytes = 0
		}
	}
	switch t.what {
	case traffic.Answered:
		tl.draw(recording.Mark{Lane: c.lane, At: t.at, State: recording.Answered, FD: -1, Result: request, Count: 1,
			Site: -1})
	case traffic.Failed, traffic.Broken:
		tl.draw(recording.Mark{Lane: c.lane, At: t.at, State: recording.Failed, FD: -1, Result: request, Errno: t.e.Why,
			Count: 1, Site: -1})
	}
}

// now returns the state that follows from what has happened.
func (c *connection) now() recording.State {
	switch {
	case !c.accepted:
		return recording.Queued
	case c.holding && c.full || c.buffered:
		return recording.Backpressure
	case c.holding || c.begun:
		return recording.Paused
	case c.started:
		return recording.Answering
	case c.asked > c.answered:
		return recording.Unanswered
	}
	return recording.Idle
}

// span returns the state that lasts. request is the client's current one.
func (c *connection) span(until int64, request int) recording.Mark {
	m := recording.Mark{Lane: c.lane, At: c.since, Took: until - c.since, State: c.state, FD: -1, Count: 1, Site: -1}
	switch c.state {
	case recording.Unanswered, recording.Answering:
		m.Result = request
	case recording.Backpressure:
		m.Result = c.bytes
	}
	return m
}

// buffered records that the server keeps too many bytes for a connection, or with 0 no longer.
func (tl *Timeline) buffered(o *owner, at int64, bytes int) {
	if tl.full && bytes > 0 {
		return
	}
	was := o.full
	o.full = bytes > 0
	if o.peer.client != nil && (was || o.full) {
		tl.enqueue(o.peer.client, transition{at: at, what: hasBuffered, bytes: bytes})
	}
}
