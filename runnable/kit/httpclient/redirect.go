package httpclient

import (
	"fmt"
	"net/http"
	"strings"
)

// redirected is the request that a redirect asks for; nil if the response is not a redirect, or redirects are not
// followed. The method changes as in httpx and in browsers: to GET after 303, and after 302 and, for POST, 301; a HEAD
// stays one.
func (r *Request) redirected(response *Response) (*Request, error) {
	location := response.Header.Get("Location")
	if r.Follow == 0 || location == "" || !isRedirect(response.StatusCode) {
		return nil, nil
	}
	to, err := r.URL.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("httpclient: the redirect's Location: %w", err)
	}
	if !strings.Contains(location, "#") {
		to.Fragment, to.RawFragment = r.URL.Fragment, r.URL.RawFragment // inherited (RFC 9110, 10.2.2)
	}
	next := *r
	next.URL, next.Header = to, r.Header.Clone()
	switch code := response.StatusCode; {
	case r.Method == http.MethodHead:
	case code == http.StatusSeeOther, code == http.StatusFound, code == http.StatusMovedPermanently &&
		r.Method == http.MethodPost:
		next.Method, next.Body = http.MethodGet, nil
		drop(next.Header, "Content-Encoding", "Content-Language", "Content-Location", "Content-Type", "Digest",
			"Last-Modified")
	}
	if next.URL.Scheme != r.URL.Scheme || next.host() != r.host() {
		drop(next.Header, "Authorization", "Cookie", "Proxy-Authorization") // these were meant for the other host
	}
	return &next, nil
}

func drop(h http.Header, names ...string) {
	for _, name := range names {
		h.Del(name)
	}
}

func isRedirect(code int) bool {
	switch code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
		http.StatusPermanentRedirect:
		return true
	}
	return false
}
