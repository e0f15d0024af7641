package httpclient

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Response is a whole reply. Its fields and methods are those of httpx and requests, as Go writes them.
type Response struct {
	StatusCode int
	Reason     string // what stands behind the status code on the wire; may be empty
	Header     http.Header
	Body       []byte
	URL        string      // that answered: not the one asked, if there were redirects
	History    []*Response // the redirects that were followed, oldest first
}

// Text is the body as text. A charset is not looked at: the bytes are taken for UTF-8.
func (r *Response) Text() string { return string(r.Body) }

// JSON decodes the body into v (json.Unmarshal).
func (r *Response) JSON(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return fmt.Errorf("the body of %s as JSON: %w", r.URL, err)
	}
	return nil
}

// IsSuccess tells whether the status is 2xx.
func (r *Response) IsSuccess() bool { return r.StatusCode/100 == 2 }

// RaiseForStatus is a StatusError for every status but 2xx, as in httpx (requests lets 3xx pass).
func (r *Response) RaiseForStatus() error {
	if r.IsSuccess() {
		return nil
	}
	return &StatusError{Response: r}
}

// StatusError is the error of a reply that came in good order and says no.
type StatusError struct{ Response *Response }

func (e *StatusError) Error() string {
	return fmt.Sprintf("httpclient: %s answered %d %s", e.Response.URL, e.Response.StatusCode, e.Response.Reason)
}
