package timeline

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
	bytes                                             int // buffered by the server, if too many
	asked, answered                                   int // requests
}

// peer is a connection as the server sees it: by the client's port. Its client may become known later.
type peer struct {
	client   *connection
	accepted int64
	waiting  []recording.Mark // calls on it while its client is not known
	tasks    []*task          // that serve it, while its client is not known
}

// wait keeps a mark until the client is known. A polling server makes thousands until then.
func (tl *Timeline) wait(of *peer, m recording.Mark) {
	if n := len(of.waiting); n > 0 && m.State == recording.Again {
		if last := &of.waiting[n-1]; last.State == m.State && last.Call == m.Call && last.FD == m.FD {
			last.Count++
			last.Took = m.At + m.Took - last.At
			return
		}
	}
	if !tl.full {
		of.waiting = append(of.waiting, m)
		tl.waiting++
	}
}

func (p *peer) lane() int {
	if p.client == nil {
		return -1
	}
	return p.client.lane
}

// owner is the connection that the server has a descriptor for: the client's own, or one to the backend.
type owner struct {
	peer  *peer
	since int64
	full  bool // the server's buffer for it is above high water
}

// Client adds a client's event.
func (tl *Timeline) Client(e traffic.Event) {
	c := tl.connections[e.Client]
	if c == nil {
		client := tl.clients[e.Client]
		c = &connection{lane: tl.lane("connection", client.Name, client.Group),
			accepted: tl.Untraced || client.Speaks == catalogue.Datagrams} // datagrams need no accept
		tl.connections[e.Client] = c
	}
	if e.What == traffic.Connected {
		peer := tl.ports[e.Port]
		if peer == nil || peer.client != nil { // not accepted yet, or a port that was used before
			peer = tl.newPeer(e.Port)
		}
		peer.client, c.peer = c, peer
		for _, m := range peer.waiting {
			m.Lane = c.lane
			tl.draw(m)
		}
		tl.waiting -= len(peer.waiting)
		peer.waiting = nil
		for _, k := range peer.tasks {
			k.peer = nil
			tl.serves(k, peer)
		}
		peer.tasks = nil
		if peer.accepted != 0 {
			tl.ours++
			tl.enqueue(c, transition{at: peer.accepted, what: wasAccepted})
		}
	}
	tl.enqueue(c, transition{at: e.At, what: e.What, e: e})
}

func (tl *Timeline) newPeer(port int) *peer {
	peer := &peer{}
	tl.ports[port] = peer
	return peer
}

// follow keeps track of descriptors, and returns whose connection the call was for. A new connection to the backend
// belongs to the connection that the task, or without tasks the thread, worked for last.
func (tl *Timeline) follow(t *thread, k *task, e trace.Event) *owner {
	ended := int64(e.At + e.Took)
	touched := &t.touched
	if k != nil {
		touched = &k.touched
		if k.touched == nil {
			k.touched = k.peer
		}
		if e.Kind == trace.Accept && !k.accepts {
			k.accepts = true
			tl.rename(k.lane, k.name+" · accepts", "")
		}
	}
	switch {
	case e.Kind == trace.Accept && e.Result >= 0 && e.Errno == 0:
		peer := tl.ports[int(e.Arg)]
		if peer == nil || peer.accepted != 0 {
			peer = tl.newPeer(int(e.Arg))
		}
		peer.accepted = ended
		if tl.accepted++; ended < tl.zero {
			tl.early++
		}
		o := &owner{peer: peer, since: ended}
		tl.owners[e.Result] = o
		if peer.client != nil {
			tl.ours++
			tl.enqueue(peer.client, transition{at: ended, what: wasAccepted})
		}
		return o
	// One descriptor for all: the address says which.
	case (e.Kind == trace.RecvFrom || e.Kind == trace.SendTo) && e.Errno == 0:
		if k != nil && !k.accepts {
			k.accepts = true
			tl.rename(k.lane, k.name+" · all senders", "")
		}
		peer := tl.ports[int(e.Arg)]
		if peer == nil {
			peer = tl.newPeer(int(e.Arg))
		}
		return &owner{peer: peer, since: ended}
	case e.Kind == trace.Socket && e.Result >= 0 && *touched != nil: // a connection to the backend
		o := &owner{peer: *touched, since: ended}
		tl.owners[e.Result] = o
		return o
	case e.Kind == trace.SetNonblock && e.Errno == 0:
		tl.nonblocking[e.FD] = e.Arg == 1
	}
	o := tl.owners[e.FD]
	if o == nil {
		return nil
	}
	*touched = o.peer
	if k != nil {
		tl.serves(k, o.peer)
	}
	if e.Kind == trace.Write && syscall.Errno(e.Errno) == syscall.EAGAIN && o.peer.client != nil {
		tl.enqueue(o.peer.client, transition{at: ended, what: wasFull})
	}
	return o
}

// forget handles a closed descriptor. Another thread may have been given its number before this one reported that it
// closed it: then it is not forgotten.
func (tl *Timeline) forget(e trace.Event) {
	if o := tl.owners[e.FD]; o != nil && o.since <= int64(e.At) {
		delete(tl.owners, e.FD)
		if o.full {
			tl.buffered(o, int64(e.At), 0)
		}
	}
	delete(tl.nonblocking, e.FD)
}

// onConnection draws a call on the lane of the connection it was for.
func (tl *Timeline) onConnection(o *owner, m recording.Mark, e trace.Event) {
	m.Lane = o.peer.lane()
	switch {
	case m.Lane < 0:
		tl.wait(o.peer, m)
	case tl.waited(e):
		tl.draw(m)
	default:
		tl.quick(m, e)
	}
}
