package httpclient

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Timeouts bound what a request waits for; 0 is no bound. They are httpx's: each bounds one wait, and none of them the
// whole request, which may go on as long as bytes come. For that put aio.Timeout around it.
type Timeouts struct {
	Pool    time.Duration // in line for a place
	Connect time.Duration // for the address of the host, and for the connection
	Write   time.Duration // for the server to take a part of the request
	Read    time.Duration // for the next bytes of the reply
}

// Request is what is asked.
type Request struct {
	Method   string
	URL      *url.URL
	Header   http.Header
	Body     []byte
	Timeouts Timeouts
	MaxBody  int // bytes of the reply's body; 0 is the package's MaxBody
	Follow   int // so many redirects at most; 0 hands out the redirect itself
}

// newRequest checks the address: "http://host:port/path?query".
func newRequest(method, address string) (*Request, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("httpclient: %w", err)
	}
	return &Request{Method: method, URL: u, Header: http.Header{}}, nil
}

// host is the host and port to connect to.
func (r *Request) host() string {
	port := r.URL.Port()
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(r.URL.Hostname(), port)
}

// bytes is the request as it goes over the wire. What would end a line too early, or say something about the length of
// the body that is not so, is refused: it could smuggle a second request into this one.
func (r *Request) bytes() ([]byte, error) {
	if r.URL.Scheme != "http" || r.URL.Host == "" {
		return nil, fmt.Errorf("httpclient: %q: only http://host can be asked; https needs TLS, which this client does not speak", r.URL)
	}
	target := r.URL.RequestURI()
	if !isToken(r.Method) || strings.ContainsFunc(target+r.URL.Host, isBlank) {
		return nil, fmt.Errorf("httpclient: %s %q cannot be said in HTTP", r.Method, r.URL)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, target, r.URL.Host)
	for name, values := range r.Header {
		if !isToken(name) || ours[http.CanonicalHeaderKey(name)] ||
			strings.ContainsFunc(strings.Join(values, ""), isControl) {
			return nil, fmt.Errorf("httpclient: the header %q: %q cannot be sent", name, values)
		}
	}
	if err := r.Header.Write(&b); err != nil {
		return nil, fmt.Errorf("httpclient: the headers: %w", err)
	}
	if user := r.URL.User; user != nil && r.Header.Get("Authorization") == "" {
		password, _ := user.Password()
		fmt.Fprintf(&b, "Authorization: Basic %s\r\n",
			base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	if len(r.Body) > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(r.Body))
	}
	b.WriteString("\r\n")
	b.Write(r.Body)
	return b.Bytes(), nil
}

// ours are the headers that the client writes by itself.
var ours = map[string]bool{"Host": true, "Content-Length": true, "Transfer-Encoding": true}

func isBlank(c rune) bool { return c <= ' ' || c == 0x7f }

// repeatable tells whether it does no harm to ask twice: the method is idempotent (RFC 9110, 9.2.2).
func (r *Request) repeatable() bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// Option changes a request before it is sent.
type Option func(*Request) error

// Header adds a header.
func Header(name, value string) Option {
	return func(r *Request) error { r.Header.Add(name, value); return nil }
}

// Params replaces the query of the URL.
func Params(query url.Values) Option {
	return func(r *Request) error { r.URL.RawQuery = query.Encode(); return nil }
}

// Content sends a body of the type.
func Content(contentType string, body []byte) Option {
	return func(r *Request) error { r.Header.Set("Content-Type", contentType); r.Body = body; return nil }
}

// Form sends the values as an HTML form does.
func Form(values url.Values) Option {
	return Content("application/x-www-form-urlencoded", []byte(values.Encode()))
}

// JSON sends a value as JSON.
func JSON(v any) Option {
	return func(r *Request) error {
		body, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("httpclient: the body as JSON: %w", err)
		}
		return Content("application/json", body)(r)
	}
}

// Within replaces all four timeouts.
func Within(d time.Duration) Option {
	return func(r *Request) error { r.Timeouts = Timeouts{d, d, d, d}; return nil }
}

// FollowRedirects follows up to 20 redirects, as httpx does when it is told to.
func FollowRedirects() Option {
	return func(r *Request) error { r.Follow = 20; return nil }
}
