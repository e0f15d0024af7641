// Package httpclient asks HTTP/1.1 servers without making others wait: a task that asks is parked, and the loop goes
// on. It has two faces on one core. Client is shaped like httpx and requests. AsyncHTTPClient is Tornado's: ten
// requests at a time, and the others wait in line.
//
//	client := httpclient.New(httpclient.Options{})
//	defer client.Close()
//	response, err := client.Get(t, "http://127.0.0.1:8081/?delay=50")
//
// A connection is kept for the next request to the same host. One that a request was cancelled on, or whose reply was
// broken, is closed: the rest of a reply is still on its way, and would be taken for the next one.
//
// There is no TLS here, so an https address is an error; no IPv6, no proxy, no cookies, no compression. A body is read
// to its end before the response is handed out.
package httpclient

import (
	"net/http"
	"time"

	"era/runnable/kit/aio"
)

// Options of a Client. What is left out has httpx's default: 5 seconds for each wait, 100 connections, of which 20 are
// kept for 5 seconds, and redirects are not followed.
type Options struct {
	Timeouts *Timeouts
	Limits   Limits
	Header   http.Header // sent with every request
}

// Client asks servers, as httpx.AsyncClient does. It belongs to one loop.
type Client struct {
	pool     *pool
	timeouts Timeouts
	header   http.Header
}

// New makes a client.
func New(o Options) *Client {
	c := &Client{timeouts: Timeouts{5 * time.Second, 5 * time.Second, 5 * time.Second, 5 * time.Second}, header: o.Header}
	if o.Timeouts != nil {
		c.timeouts = *o.Timeouts
	}
	if o.Limits.MaxConnections == 0 {
		o.Limits.MaxConnections = 100
	}
	if o.Limits.MaxKeepaliveConnections == 0 {
		o.Limits.MaxKeepaliveConnections = 20
	}
	if o.Limits.KeepaliveExpiry == 0 {
		o.Limits.KeepaliveExpiry = 5 * time.Second
	}
	c.pool = newPool(o.Limits)
	return c
}

// Close closes the connections that are kept. Requests that run go on to their end.
func (c *Client) Close() { c.pool.close() }

// Get asks for what is at the address.
func (c *Client) Get(t *aio.Task, address string, options ...Option) (*Response, error) {
	return c.Request(t, http.MethodGet, address, options...)
}

// Head asks for the head of what Get would answer.
func (c *Client) Head(t *aio.Task, address string, options ...Option) (*Response, error) {
	return c.Request(t, http.MethodHead, address, options...)
}

// Post sends a body: Content, Form or JSON. It is not repeated when the connection breaks.
func (c *Client) Post(t *aio.Task, address string, options ...Option) (*Response, error) {
	return c.Request(t, http.MethodPost, address, options...)
}

// Put sends a body, and is repeated if a kept connection turns out to be closed.
func (c *Client) Put(t *aio.Task, address string, options ...Option) (*Response, error) {
	return c.Request(t, http.MethodPut, address, options...)
}

// Delete asks to delete what is at the address.
func (c *Client) Delete(t *aio.Task, address string, options ...Option) (*Response, error) {
	return c.Request(t, http.MethodDelete, address, options...)
}

// Request sends a request and waits for the whole response. Every status is a response and no error: see
// RaiseForStatus. Errors are a TimeoutError, a ConnectError, a ProtocolError, ErrTooLarge, ErrTooManyRedirects, the
// connection's own, and aio.Cancelled.
func (c *Client) Request(t *aio.Task, method, address string, options ...Option) (*Response, error) {
	r, err := newRequest(method, address)
	if err != nil {
		return nil, err
	}
	r.Timeouts = c.timeouts
	r.Header.Set("Accept", "*/*")
	for name, values := range c.header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	for _, option := range options {
		if err := option(r); err != nil {
			return nil, err
		}
	}
	if err := c.pool.enter(t, r.Timeouts.Pool); err != nil {
		return nil, err
	}
	defer c.pool.leave()
	return c.pool.send(t, r)
}
