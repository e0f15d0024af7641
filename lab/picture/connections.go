package picture

import (
	"slices"
	"syscall"

	"era/lab/recording"
	"era/lab/traffic"
	"era/runnable/kit/trace"
)

// connection is a client's, as its client tells of it.
type connection struct {
	lane  int
	peer  *peer
	queue []transition // what is known to have happened and is not drawn yet

	state recording.State // "": not connected, or over
	since int64

	accepted, begun, holding, full bool
	asked, answered                int // requests
}

// peer is a connection as the server sees it: by the client's port. Which client that is may be known later.
type peer struct {
	client   *connection
	accepted int64
	waiting  []recording.Mark // calls on it while its client is not known
}

// wait keeps a mark until the client is known. A polling server makes thousands meanwhile.
func (p *peer) wait(m recording.Mark) {
	if n := len(p.waiting); n > 0 && m.State == recording.Again {
		if last := &p.waiting[n-1]; last.State == m.State && last.Call == m.Call && last.FD == m.FD {
			last.Count++
			last.Took = m.At + m.Took - last.At
			return
		}
	}
	p.waiting = append(p.waiting, m)
}

func (p *peer) lane() int {
	if p.client == nil {
		return -1
	}
	return p.client.lane
}

// owner says for which connection the server has a descriptor: the client's, or one to the backend.
type owner struct {
	peer  *peer
	since int64
}

// transition is something that may change a connection's state.
type transition struct {
	at   int64
	what traffic.What
	e    traffic.Event
}

// Transitions that the server makes.
const (
	wasAccepted traffic.What = "accepted"
	wasFull     traffic.What = "full" // the kernel takes no more bytes for this peer
)

// Client adds what a client tells.
func (p *Picture) Client(e traffic.Event) {
	c := p.connections[e.Client]
	if c == nil {
		client := p.clients[e.Client]
		c = &connection{lane: p.lane("connection", client.Name, client.Group), accepted: p.Untraced}
		p.connections[e.Client] = c
	}
	if e.What == traffic.Connected {
		peer := p.ports[e.Port]
		if peer == nil || peer.client != nil { // not accepted yet, or a port that was used before
			peer = p.newPeer(e.Port)
		}
		peer.client, c.peer = c, peer
		for _, m := range peer.waiting {
			m.Lane = c.lane
			p.draw(m)
		}
		peer.waiting = nil
		if peer.accepted != 0 {
			p.enqueue(c, transition{at: peer.accepted, what: wasAccepted})
		}
	}
	p.enqueue(c, transition{at: e.At, what: e.What, e: e})
}

func (p *Picture) newPeer(port int) *peer {
	peer := &peer{}
	p.ports[port] = peer
	return peer
}

// follow keeps account of descriptors, and returns whose connection the call was for.
func (p *Picture) follow(t *thread, e trace.Event) *owner {
	ended := int64(e.At + e.Took)
	switch {
	case e.Kind == trace.Accept && e.Result >= 0 && e.Errno == 0:
		peer := p.ports[int(e.Arg)]
		if peer == nil || peer.accepted != 0 {
			peer = p.newPeer(int(e.Arg))
		}
		peer.accepted = ended
		p.accepted++
		o := &owner{peer, ended}
		p.owners[e.Result] = o
		if peer.client != nil {
			p.enqueue(peer.client, transition{at: ended, what: wasAccepted})
		}
		return o
	case e.Kind == trace.Socket && e.Result >= 0 && t.touched != nil: // a way to the backend
		o := &owner{t.touched, ended}
		p.owners[e.Result] = o
		return o
	case e.Kind == trace.SetNonblock && e.Errno == 0:
		p.nonblocking[e.FD] = e.Arg == 1
	}
	o := p.owners[e.FD]
	if o == nil {
		return nil
	}
	t.touched = o.peer
	if e.Kind == trace.Write && syscall.Errno(e.Errno) == syscall.EAGAIN && o.peer.client != nil {
		p.enqueue(o.peer.client, transition{at: ended, what: wasFull})
	}
	return o
}

// forget is for a closed descriptor. Another thread may have been given its number before this one told that it
// closed it: then it is not forgotten.
func (p *Picture) forget(e trace.Event) {
	if o := p.owners[e.FD]; o != nil && o.since <= int64(e.At) {
		delete(p.owners, e.FD)
	}
	delete(p.nonblocking, e.FD)
}

// onConnection draws a call on the lane of the connection it was for.
func (p *Picture) onConnection(o *owner, m recording.Mark, e trace.Event) {
	m.Lane = o.peer.lane()
	switch {
	case m.Lane < 0:
		o.peer.wait(m)
	case p.waited(e):
		p.draw(m)
	default:
		p.quick(m, e)
	}
}

func (p *Picture) enqueue(c *connection, t transition) {
	if len(c.queue) == 0 {
		p.unsettled = append(p.unsettled, c)
	}
	c.queue = append(c.queue, t)
}

// settle draws a connection's states up to now.
func (p *Picture) settle(c *connection, now int64) {
	slices.SortStableFunc(c.queue, func(a, b transition) int { return int(a.at - b.at) })
	n := 0
	for ; n < len(c.queue) && c.queue[n].at <= now; n++ {
		p.change(c, c.queue[n])
	}
	c.queue = slices.Delete(c.queue, 0, n)
}

func (p *Picture) change(c *connection, t transition) {
	was, request := c.state, c.answered+1
	open := was != ""
	switch t.what {
	case traffic.Connected:
		open = true
	case wasAccepted:
		c.accepted = true
	case wasFull:
		c.full = true
	case traffic.Begun:
		c.begun = true
	case traffic.Sent:
		c.begun = false
		c.asked++
	case traffic.Holding:
		c.holding = true
	case traffic.Resumed:
		c.holding, c.full = false, false
	case traffic.Answered:
		c.answered++
	case traffic.Failed:
		c.answered, c.begun = c.answered+1, false
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
			m := c.span(t.at)
			m.Result = number(was, request)
			p.draw(m)
		}
		c.state, c.since = state, t.at
	}
	switch t.what {
	case traffic.Answered:
		p.draw(recording.Mark{Lane: c.lane, At: t.at, State: recording.Answered, FD: -1, Result: request, Count: 1, Site: -1})
	case traffic.Failed, traffic.Broken:
		p.draw(recording.Mark{Lane: c.lane, At: t.at, State: recording.Failed, FD: -1, Result: request, Errno: t.e.Why, Count: 1, Site: -1})
	}
}

// now is the state that follows from what has happened.
func (c *connection) now() recording.State {
	switch {
	case !c.accepted:
		return recording.Queued
	case c.holding && c.full:
		return recording.Backpressure
	case c.holding || c.begun:
		return recording.Paused
	case c.asked > c.answered:
		return recording.Unanswered
	}
	return recording.Idle
}

// span is the state that lasts.
func (c *connection) span(until int64) recording.Mark {
	return recording.Mark{Lane: c.lane, At: c.since, Took: until - c.since, State: c.state, FD: -1,
		Result: number(c.state, c.answered+1), Count: 1, Site: -1}
}

func number(s recording.State, request int) int {
	if s == recording.Unanswered {
		return request
	}
	return 0
}
