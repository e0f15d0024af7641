package picture

import (
	"syscall"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/traffic"
	"era/runnable/kit/trace"
)

// connection is a client's connection, as its client reports it.
type connection struct {
	lane  int
	peer  *peer
	queue []transition // what has happened but is not drawn yet

	state recording.State // "": not connected, or over
	since int64

	accepted, begun, holding, full, buffered, started bool
	bytes                                             int // that the server kept when it had too many for this client
	asked, answered                                   int // requests
}

// peer is a connection as the server sees it: by the client's port. Which client that is may be known later.
type peer struct {
	client   *connection
	accepted int64
	waiting  []recording.Mark // calls on it while its client is not known
	tasks    []*task          // that serve it, while its client is not known
}

// wait keeps a mark until the client is known. A polling server makes thousands meanwhile.
func (p *Picture) wait(of *peer, m recording.Mark) {
	if n := len(of.waiting); n > 0 && m.State == recording.Again {
		if last := &of.waiting[n-1]; last.State == m.State && last.Call == m.Call && last.FD == m.FD {
			last.Count++
			last.Took = m.At + m.Took - last.At
			return
		}
	}
	if !p.full {
		of.waiting = append(of.waiting, m)
		p.waiting++
	}
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
	full  bool // the server's buffer for it is above high water
}

// Client adds a client's event.
func (p *Picture) Client(e traffic.Event) {
	c := p.connections[e.Client]
	if c == nil {
		client := p.clients[e.Client]
		c = &connection{lane: p.lane("connection", client.Name, client.Group),
			accepted: p.Untraced || client.Speaks == catalogue.Datagrams} // datagrams need no accept
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
		p.waiting -= len(peer.waiting)
		peer.waiting = nil
		for _, k := range peer.tasks {
			k.peer = nil
			p.serves(k, peer)
		}
		peer.tasks = nil
		if peer.accepted != 0 {
			p.ours++
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

// follow keeps track of descriptors, and returns whose connection the call was for. A new connection to the backend
// belongs to the connection that the task, or without tasks the thread, worked for last.
func (p *Picture) follow(t *thread, k *task, e trace.Event) *owner {
	ended := int64(e.At + e.Took)
	touched := &t.touched
	if k != nil {
		touched = &k.touched
		if k.touched == nil {
			k.touched = k.peer
		}
		if e.Kind == trace.Accept && !k.accepts {
			k.accepts = true
			p.rename(k.lane, k.name+" · accepts", "")
		}
	}
	switch {
	case e.Kind == trace.Accept && e.Result >= 0 && e.Errno == 0:
		peer := p.ports[int(e.Arg)]
		if peer == nil || peer.accepted != 0 {
			peer = p.newPeer(int(e.Arg))
		}
		peer.accepted = ended
		if p.accepted++; ended < p.zero {
			p.early++
		}
		o := &owner{peer: peer, since: ended}
		p.owners[e.Result] = o
		if peer.client != nil {
			p.ours++
			p.enqueue(peer.client, transition{at: ended, what: wasAccepted})
		}
		return o
	// One descriptor for all: the address says which.
	case (e.Kind == trace.RecvFrom || e.Kind == trace.SendTo) && e.Errno == 0:
		if k != nil && !k.accepts {
			k.accepts = true
			p.rename(k.lane, k.name+" · all senders", "")
		}
		peer := p.ports[int(e.Arg)]
		if peer == nil {
			peer = p.newPeer(int(e.Arg))
		}
		return &owner{peer: peer, since: ended}
	case e.Kind == trace.Socket && e.Result >= 0 && *touched != nil: // a connection to the backend
		o := &owner{peer: *touched, since: ended}
		p.owners[e.Result] = o
		return o
	case e.Kind == trace.SetNonblock && e.Errno == 0:
		p.nonblocking[e.FD] = e.Arg == 1
	}
	o := p.owners[e.FD]
	if o == nil {
		return nil
	}
	*touched = o.peer
	if k != nil {
		p.serves(k, o.peer)
	}
	if e.Kind == trace.Write && syscall.Errno(e.Errno) == syscall.EAGAIN && o.peer.client != nil {
		p.enqueue(o.peer.client, transition{at: ended, what: wasFull})
	}
	return o
}

// forget handles a closed descriptor. Another thread may have been given its number before this one reported that it
// closed it: then it is not forgotten.
func (p *Picture) forget(e trace.Event) {
	if o := p.owners[e.FD]; o != nil && o.since <= int64(e.At) {
		delete(p.owners, e.FD)
		if o.full {
			p.buffered(o, int64(e.At), 0)
		}
	}
	delete(p.nonblocking, e.FD)
}

// onConnection draws a call on the lane of the connection it was for.
func (p *Picture) onConnection(o *owner, m recording.Mark, e trace.Event) {
	m.Lane = o.peer.lane()
	switch {
	case m.Lane < 0:
		p.wait(o.peer, m)
	case p.waited(e):
		p.draw(m)
	default:
		p.quick(m, e)
	}
}
