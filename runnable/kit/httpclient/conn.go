package httpclient

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"

	"era/runnable/kit/aio"
	"era/runnable/kit/loop"
	"era/runnable/kit/sys"
)

// conn is a connection to a host, for one request after the other.
type conn struct {
	*aio.Conn
	host   string
	expiry *loop.Timer // while it is idle
}

// piece is how many bytes of a request are written before the server has to take some of them.
const piece = 64 << 10

// exchange sends a request and reads the reply. After an error the connection is closed: one can no longer tell where
// the next reply would begin.
func (c *conn) exchange(t *aio.Task, r *Request, message []byte) (*reply, error) {
	answer := newReply(r.Method, r.MaxBody)
	unsent, err := c.write(t, r, message, answer)
	for err == nil && !answer.Done() {
		err = c.receive(t, r, answer)
	}
	if err != nil {
		c.Abort()
		return answer, err
	}
	answer.keep = answer.keep && unsent == 0 && c.Buffered() == 0
	return answer, nil
}

// write sends a request. A server may answer before it has read all, and close: so what arrives is read between the
// pieces, and an error reply ends the sending (RFC 9112, 9.5). A connection that the server has closed is no error yet,
// since its reply may have come before.
func (c *conn) write(t *aio.Task, r *Request, message []byte, answer *reply) (unsent int, err error) {
	for len(message) > 0 && answer.StatusCode < http.StatusBadRequest && !answer.Done() {
		n := min(piece, len(message))
		_, err := c.Write(message[:n])
		if err == nil {
			message = message[n:]
			err = within(t, r.Timeouts.Write, "while writing", func() error { return c.DrainOrArrive(t) })
		}
		if wasClosed(err) {
			break
		}
		if err == nil && len(message) > 0 && !c.Quiet() {
			err = c.receive(t, r, answer)
		}
		if err != nil {
			return len(message), err
		}
	}
	return len(message), nil
}

func (c *conn) receive(t *aio.Task, r *Request, answer *reply) error {
	arrived, n := make([]byte, 16<<10), 0
	err := within(t, r.Timeouts.Read, "while reading", func() (err error) {
		n, err = c.Read(t, arrived)
		return err
	})
	if err == io.EOF {
		return answer.End()
	}
	if err != nil {
		return err
	}
	return answer.Add(arrived[:n])
}

// connect looks up the host and tries its addresses in turn.
func (p *pool) connect(t *aio.Task, host string) (*conn, error) {
	addresses, err := p.addresses(t, host)
	if err != nil {
		return nil, err
	}
	for _, addr := range addresses {
		var c *aio.Conn
		if c, err = aio.Dial(t, addr); err == nil {
			return &conn{Conn: c, host: host}, nil
		}
		if errors.Is(err, aio.Cancelled) {
			return nil, err
		}
	}
	return nil, &ConnectError{Host: host, Err: err}
}

// addresses is what the host's name stands for. To look it up is a call that blocks, and a thread makes it (C3.17).
func (p *pool) addresses(t *aio.Task, host string) ([]sys.Addr, error) {
	if addr, err := sys.ParseAddr(host); err == nil {
		return []sys.Addr{addr}, nil
	}
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		return nil, &ConnectError{Host: host, Err: err}
	}
	found, err := p.lookup(t, name)
	if err != nil {
		if errors.Is(err, aio.Cancelled) {
			return nil, err
		}
		return nil, &ConnectError{Host: host, Err: err}
	}
	var addresses []sys.Addr
	for _, text := range found {
		if addr, err := sys.ParseAddr(net.JoinHostPort(text, port)); err == nil {
			addresses = append(addresses, addr)
		}
	}
	if len(addresses) == 0 {
		return nil, &ConnectError{Host: host, Err: errors.New("it has no IPv4 address")}
	}
	return addresses, nil
}

// lookup asks the system's resolver, for IPv4 addresses only.
func lookup(t *aio.Task, name string) ([]string, error) {
	return aio.RunInThread(t, func() (found []string, err error) {
		ips, err := net.DefaultResolver.LookupNetIP(context.Background(), "ip4", name)
		for _, ip := range ips {
			found = append(found, ip.Unmap().String())
		}
		return found, err
	})
}
