package httpclient

import (
	"fmt"
	"net/http"
)

// redirected is the request that a redirect asks for; nil if the response is none, or redirects are not followed. The
// method changes as in httpx and in browsers: to GET after 303, and after 302 and, for POST, 301; a HEAD stays one.
func (r *Request) redirected(response *Response) (*Request, error) {
	location := response.Header.Get("Location")
	if r.Follow == 0 || location == "" || !isRedirect(response.StatusCode) {
		return nil, nil
	}
	to, err := r.URL.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("httpclient: the redirect's Location: %w", err)
	}
	next := *r
	next.URL, next.Header = to, r.Header.Clone()
	switch code := response.StatusCode; {
	case r.Method == http.MethodHead:
	case code == http.StatusSeeOther, code == http.StatusFound, code == http.StatusMovedPermanently && r.Method == http.MethodPost:
		next.Method, next.Body = http.MethodGet, nil
		next.Header.Del("Content-Type")
	}
	if next.host() != r.host() {
		next.Header.Del("Authorization") // it was meant for the other host
		next.Header.Del("Cookie")
	}
	return &next, nil
}

func isRedirect(code int) bool {
	switch code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}
