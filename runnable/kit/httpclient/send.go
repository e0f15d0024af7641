package httpclient

import (
	"errors"
	"io"
	"net/http"
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
	kept := c != nil
	if !kept {
		if c, err = p.dial(t, r.host(), r.Timeouts.Connect); err != nil {
			return nil, err
		}
	}
	answer, err := c.exchange(t, r, message)
	if kept && r.repeatable() && (wasClosed(err) && !answer.began || err == nil &&
		answer.StatusCode == http.StatusRequestTimeout) {
		// The server gave the connection up while our request was on its way to it. To ask again does no harm: once, and
		// over a connection that is new (RFC 9110, 9.2.2 and 15.5.9).
		c.Abort()
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
		c.Abort() // whatever of the request is unsent
	}
	answer.URL = r.URL.String()
	return &answer.Response, nil
}

// wasClosed tells whether the error is that of a connection that the server has closed.
func wasClosed(err error) bool {
	return err == io.EOF || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
