package httpclient

import (
	"errors"
	"io"
	"syscall"

	"era/runnable/kit/aio"
)

// send sends a request that has a place, and follows redirects.
func (p *pool) send(t *aio.Task, r *Request) (*Response, error) {
	var history []*Response
	for {
		response, err := p.exchange(t, r)
		if err != nil {
			return nil, err
		}
		response.History = history
		next, err := r.redirected(response)
		if err != nil || next == nil {
			return response, err
		}
		if len(history) == r.Follow {
			return nil, ErrTooManyRedirects
		}
		history = append(history, response)
		r = next
	}
}

// exchange sends one request over a connection that was kept, or over a new one.
func (p *pool) exchange(t *aio.Task, r *Request) (*Response, error) {
	message, err := r.bytes()
	if err != nil {
		return nil, err
	}
	c := p.kept(r.host())
	if c == nil {
		if c, err = p.dial(t, r.host(), r.Timeouts.Connect); err != nil {
			return nil, err
		}
	}
	answer, err := c.exchange(t, r, message)
	if c.used && !answer.began && wasClosed(err) && r.repeatable() {
		// The server closed the connection while our request was on its way to it. It has not answered, and to ask again
		// does no harm: once, and over a connection that is new (RFC 9112, 9.3.1).
		if c, err = p.dial(t, r.host(), r.Timeouts.Connect); err == nil {
			answer, err = c.exchange(t, r, message)
		}
	}
	if err != nil {
		return nil, err
	}
	if answer.keep {
		p.keep(t, c)
	} else {
		c.Close()
	}
	answer.URL = r.URL.String()
	return &answer.Response, nil
}

// wasClosed tells whether the error is that of a connection that the server has closed.
func wasClosed(err error) bool {
	return err == io.EOF || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
