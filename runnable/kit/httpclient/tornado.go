package httpclient

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"era/runnable/kit/aio"
)

// AsyncHTTPClient is the client of Tornado's toolbox (tornado/simple_httpclient.py): so many requests run at a time,
// ten by default, and further ones wait in line, first come, first served (C3.16). Unlike Tornado's it keeps
// connections: that one opens a connection for every request.
type AsyncHTTPClient struct{ pool *pool }

// HTTPRequest is what Fetch asks for, with Tornado's names and defaults.
type HTTPRequest struct {
	URL            string
	Method         string // GET if left out
	Header         http.Header
	Body           []byte
	ConnectTimeout time.Duration // 20 s if left out
	RequestTimeout time.Duration // 20 s if left out
	NoRedirects    bool          // five are followed otherwise
}

// HTTPError is the error of a fetch that got no reply with a status 2xx. Code is the reply's status, or 599 when there
// was none, as Tornado has it.
type HTTPError struct {
	Code     int
	Response *Response // nil with 599
	Err      error
}

func (e *HTTPError) Error() string { return fmt.Sprintf("HTTP %d: %v", e.Code, e.Err) }

// Unwrap is what went wrong.
func (e *HTTPError) Unwrap() error { return e.Err }

// NewAsyncHTTPClient makes a client; maxClients 0 is ten.
func NewAsyncHTTPClient(maxClients int) *AsyncHTTPClient {
	if maxClients == 0 {
		maxClients = 10
	}
	limits := Limits{MaxConnections: maxClients, MaxKeepaliveConnections: maxClients, KeepaliveExpiry: 5 * time.Second}
	return &AsyncHTTPClient{newPool(limits)}
}

// Close closes the connections that are kept.
func (c *AsyncHTTPClient) Close() { c.pool.close() }

// Queued is how many requests wait in line.
func (c *AsyncHTTPClient) Queued() int { return c.pool.places.Waiting() }

// Fetch asks, and waits for the response. In Tornado it returns a future at once; here aio.Go makes one of it.
//
// The clocks are Tornado's. In line a request waits for ConnectTimeout or RequestTimeout, whichever is shorter. Then
// both begin: the first for the connection, the other for all. (Tornado's documentation says that the time in line
// counts towards the request's; its code starts anew when the request leaves the line, and so do we.)
func (c *AsyncHTTPClient) Fetch(t *aio.Task, request HTTPRequest) (*Response, error) {
	r, err := request.request()
	if err != nil {
		return nil, err
	}
	response, err := c.fetch(t, r, request)
	switch {
	case errors.Is(err, aio.Cancelled):
		return nil, err
	case err != nil:
		return nil, &HTTPError{Code: 599, Err: err}
	case !response.IsSuccess():
		return response, &HTTPError{Code: response.StatusCode, Response: response, Err: response.RaiseForStatus()}
	}
	return response, nil
}

func (c *AsyncHTTPClient) fetch(t *aio.Task, r *Request, request HTTPRequest) (response *Response, err error) {
	if err := c.pool.enter(t, r.Timeouts.Pool); err != nil {
		return nil, err
	}
	defer c.pool.leave()
	err = within(t, request.RequestTimeout, "during the request", func() (err error) {
		response, err = c.pool.send(t, r)
		return err
	})
	return response, err
}

// request fills in the defaults.
func (h *HTTPRequest) request() (*Request, error) {
	if h.Method == "" {
		h.Method = http.MethodGet
	}
	if h.ConnectTimeout == 0 {
		h.ConnectTimeout = 20 * time.Second
	}
	if h.RequestTimeout == 0 {
		h.RequestTimeout = 20 * time.Second
	}
	u, err := url.Parse(h.URL)
	if err != nil {
		return nil, fmt.Errorf("httpclient: %w", err)
	}
	soon := min(h.ConnectTimeout, h.RequestTimeout)
	r := &Request{Method: h.Method, URL: u, Header: h.Header, Body: h.Body, Timeouts: Timeouts{Pool: soon, Connect: soon}}
	if !h.NoRedirects {
		r.Follow = 5
	}
	return r, nil
}
