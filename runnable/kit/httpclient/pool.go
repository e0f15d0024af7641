package httpclient

import (
	"slices"
	"time"

	"era/runnable/kit/aio"
)

// Limits of a client, with httpx's names.
type Limits struct {
	MaxConnections          int           // requests at a time; those beyond wait in line
	MaxKeepaliveConnections int           // idle connections that are kept
	KeepaliveExpiry         time.Duration // for so long
}

// pool holds the places for requests, and the connections that wait for the next one. Connections are never more than
// places: one that is idle makes room for one to another host.
type pool struct {
	limits Limits
	places *aio.Semaphore
	active int
	idle   []*conn // oldest first
	closed bool
	lookup func(t *aio.Task, host string) ([]string, error)
}

func newPool(limits Limits) *pool {
	return &pool{limits: limits, places: aio.NewSemaphore(limits.MaxConnections), lookup: lookup}
}

// enter waits in line for a place.
func (p *pool) enter(t *aio.Task, patience time.Duration) error {
	err := within(t, patience, "in the queue", func() error { return p.places.Acquire(t) })
	if err == nil {
		p.active++
	}
	return err
}

// leave gives the place to the next in line.
func (p *pool) leave() {
	p.active--
	p.places.Release()
}

// kept takes the idle connection to the host that was used last, or nil.
func (p *pool) kept(host string) *conn {
	for i, c := range slices.Backward(p.idle) {
		if c.host != host {
			continue
		}
		p.remove(i)
		if c.Quiet() {
			return c
		}
		c.Close() // the server closed it meanwhile, or said something unasked
	}
	return nil
}

// dial makes a connection to the host.
func (p *pool) dial(t *aio.Task, host string, patience time.Duration) (*conn, error) {
	for len(p.idle) > 0 && p.active+len(p.idle) > p.limits.MaxConnections {
		p.discard(0)
	}
	var c *conn
	err := within(t, patience, "while connecting", func() (err error) {
		c, err = p.connect(t, host)
		return err
	})
	return c, err
}

// keep puts a connection away for the next request. It is closed when none has come in time.
func (p *pool) keep(t *aio.Task, c *conn) {
	if p.closed || p.limits.MaxKeepaliveConnections <= 0 {
		c.Close()
		return
	}
	if len(p.idle) >= p.limits.MaxKeepaliveConnections {
		p.discard(0)
	}
	p.idle = append(p.idle, c)
	c.expiry = t.Loop().CallLater(p.limits.KeepaliveExpiry, func() {
		if i := slices.Index(p.idle, c); i >= 0 {
			p.discard(i)
		}
	})
}

func (p *pool) remove(i int) {
	p.idle[i].expiry.Cancel()
	p.idle = slices.Delete(p.idle, i, i+1)
}

func (p *pool) discard(i int) {
	c := p.idle[i]
	p.remove(i)
	c.Close()
}

// close closes the idle connections, and those of running requests when these end.
func (p *pool) close() {
	p.closed = true
	for len(p.idle) > 0 {
		p.discard(0)
	}
}
