// Package route finds who answers a path. Both of the book's small frameworks stand on it: whether a view may wait makes
// no difference to the path that leads there.
package route

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Table is a list of routes; the zero value is empty. It is filled before it is asked, and after that not changed.
type Table[H any] struct{ routes []route[H] }

type route[H any] struct {
	method   string // "" is any
	segments []string
	view     H
}

// Add adds a route: "/ask" for every method, or "GET /links/{id}" for one. A name in braces stands for one segment that
// is not empty. Of several routes that fit, the first is taken. A malformed pattern is a mistake of the program: a panic.
func (t *Table[H]) Add(pattern string, view H) {
	method, path, found := strings.Cut(pattern, " ")
	if !found {
		method, path = "", pattern
	}
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " ?#") {
		panic(fmt.Sprintf("route %q: want /PATH or METHOD /PATH", pattern))
	}
	t.routes = append(t.routes, route[H]{method, strings.Split(path, "/"), view})
}

// Find is who answers, and what stood where the pattern has names. If nobody does, allow are the methods that the path
// has: none for a 404, some for a 405. Who answers GET answers HEAD as well: the server drops the body (RFC 9110, section
// 9.3.2). The empty path is the root, as one has it where an application is mounted.
func (t *Table[H]) Find(method, path string) (view H, params map[string]string, allow []string, ok bool) {
	if path == "" {
		path = "/"
	}
	segments := strings.Split(path, "/")
	for _, r := range t.routes {
		params, fits := r.match(segments)
		switch {
		case !fits:
		case r.method == "" || r.method == method || r.method == http.MethodGet && method == http.MethodHead:
			return r.view, params, nil, true
		case !slices.Contains(allow, r.method):
			if allow = append(allow, r.method); r.method == http.MethodGet {
				allow = append(allow, http.MethodHead)
			}
		}
	}
	return view, nil, allow, false
}

func (r route[H]) match(segments []string) (params map[string]string, fits bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	for i, want := range r.segments {
		name, braced := strings.CutPrefix(want, "{")
		switch {
		case braced && segments[i] != "":
			if params == nil {
				params = map[string]string{}
			}
			params[strings.TrimSuffix(name, "}")] = segments[i]
		case want != segments[i]:
			return nil, false
		}
	}
	return params, true
}
