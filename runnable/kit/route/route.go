// Package route finds the view for a path. Both of the book's small frameworks use it: whether a view may wait makes no
// difference to its path.
package route

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Table is a list of routes; the zero value is empty. It must not change after the first Find.
type Table[H any] struct{ routes []route[H] }

type route[H any] struct {
	method   string // "" is any
	segments []string
	view     H
}

// Add adds a route: "/ask" for every method, or "GET /links/{id}" for one. A name in braces stands for one non-empty
// segment. Of several matching routes, the first is used. A malformed pattern is a programming error: Add panics.
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

// Find returns the view, and the segments at the pattern's names. If no route matches, allow has the methods of the
// path: none for a 404, some for a 405. A view for GET answers HEAD as well: the server drops the body (RFC 9110,
// section 9.3.2). The empty path is the root, as where an application is mounted.
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
