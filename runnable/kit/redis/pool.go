package redis

import (
	"slices"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/loop"
)

// Pool has up to a number of connections, makes them when they are needed, and keeps them for a while. A task that
// finds none free waits in line.
type Pool struct {
	options Options
	expiry  time.Duration
	places  *aio.Semaphore
	idle    []*idle // the one used last is last
	closed  bool
}

type idle struct {
	*Conn
	expires *loop.Timer
}

// NewPool makes a pool of up to size connections. One that is unused for the time of expiry is closed; 0 keeps all.
func NewPool(size int, expiry time.Duration, o Options) *Pool {
	return &Pool{options: o, expiry: expiry, places: aio.NewSemaphore(size)}
}

// Do is Conn.Do on a connection of the pool.
func (p *Pool) Do(t *aio.Task, command ...string) (reply Value, err error) {
	err = p.With(t, func(c *Conn) error {
		reply, err = c.Do(t, command...)
		return err
	})
	return reply, err
}

// Pipeline is Conn.Pipeline on a connection of the pool.
func (p *Pool) Pipeline(t *aio.Task, commands ...Command) (replies []Value, err error) {
	err = p.With(t, func(c *Conn) error {
		replies, err = c.Pipeline(t, commands...)
		return err
	})
	return replies, err
}

// With lends the body a connection that no other task uses meanwhile. The body should end what it starts there (MULTI,
// WATCH): a connection with an open transaction, another database or a subscription is closed, and not lent again.
func (p *Pool) With(t *aio.Task, body func(c *Conn) error) error {
	if err := p.places.Acquire(t); err != nil {
		return err
	}
	defer p.places.Release()
	c, err := p.take(t)
	if err != nil {
		return err
	}
	defer p.giveBack(t, c)
	return body(c)
}

// Waiting is how many tasks stand in line.
func (p *Pool) Waiting() int { return p.places.Waiting() }

// take is a connection that was kept, or else a new one.
func (p *Pool) take(t *aio.Task) (*Conn, error) {
	for len(p.idle) > 0 {
		kept := p.remove(len(p.idle) - 1)
		if kept.err == nil && kept.stream.Quiet() {
			return kept, nil
		}
		kept.Close() // the server has closed it meanwhile, or has said something unasked
	}
	return Dial(t, p.options)
}

// giveBack keeps a connection for the next one, if it is as good as new: it works, owes no reply, and no command has
// changed what the next ones mean.
func (p *Pool) giveBack(t *aio.Task, c *Conn) {
	if c.err != nil || c.Owes() > 0 || !c.state.clean() || p.closed {
		c.Close()
		return
	}
	kept := &idle{Conn: c}
	p.idle = append(p.idle, kept)
	if p.expiry > 0 {
		kept.expires = t.Loop().CallLater(p.expiry, func() {
			if i := slices.Index(p.idle, kept); i >= 0 {
				p.remove(i).Close()
			}
		})
	}
}

func (p *Pool) remove(i int) *Conn {
	kept := p.idle[i]
	p.idle = slices.Delete(p.idle, i, i+1)
	if kept.expires != nil {
		kept.expires.Cancel()
	}
	return kept.Conn
}

// Close closes the connections that are kept, and those in use when they come back.
func (p *Pool) Close() {
	p.closed = true
	for len(p.idle) > 0 {
		p.remove(0).Close()
	}
}
