package route

import (
	"fmt"
	"testing"
)

func TestFind(t *testing.T) {
	var table Table[string]
	for _, pattern := range []string{"/", "/ask", "GET /links", "POST /links", "GET /links/new", "GET /links/{id}",
		"DELETE /links/{id}", "/{a}/of/{b}"} {
		table.Add(pattern, pattern)
	}
	for request, want := range map[string]string{
		"GET /":              "/ map[] [] true",
		"BREW /ask":          "/ask map[] [] true",
		"GET /ask/":          " map[] [] false",
		"GET /links":         "GET /links map[] [] true",
		"HEAD /links":        "GET /links map[] [] true",
		"POST /links":        "POST /links map[] [] true",
		"PUT /links":         " map[] [GET HEAD POST] false",
		"GET /links/new":     "GET /links/new map[] [] true", // the first match
		"GET /links/a b":     "GET /links/{id} map[id:a b] [] true",
		"GET /links/":        " map[] [] false",
		"POST /links/7":      " map[] [GET HEAD DELETE] false",
		"GET /links/7/8":     " map[] [] false",
		"GET /letter/of/law": "/{a}/of/{b} map[a:letter b:law] [] true",
		"GET ":               "/ map[] [] true",
		"OPTIONS *":          " map[] [] false",
	} {
		var method, path string
		for i := range request {
			if request[i] == ' ' {
				method, path = request[:i], request[i+1:]
				break
			}
		}
		view, params, allow, ok := table.Find(method, path)
		if got := fmt.Sprint(view, " ", params, " ", allow, " ", ok); got != want {
			t.Errorf("%s: %s, want %s", request, got, want)
		}
	}
}

func TestMalformedPattern(t *testing.T) {
	for _, pattern := range []string{"", "links", "GET links", "GET  /links", "/links?a=b"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is taken", pattern)
				}
			}()
			new(Table[int]).Add(pattern, 0)
		}()
	}
}
