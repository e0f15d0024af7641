//go:build linux || darwin

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"era/runnable/kit/asgi"
	asgibridge "era/runnable/kit/asgi/bridge"
	wsgibridge "era/runnable/kit/wsgi/bridge"
)

// onBoth runs a test against both sites, which must look the same to a visitor.
func onBoth(t *testing.T, test func(t *testing.T, visit visit)) {
	noBackend := netip.MustParseAddrPort("127.0.0.1:1")
	for name, handler := range map[string]http.Handler{
		"micro":   wsgibridge.Handler(microSite(noBackend)),
		"toolkit": asgibridge.Handler(toolkitSite(asgi.OnGoroutines, noBackend), nil),
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handler)
			defer server.Close()
			client := server.Client()
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			test(t, func(method, path, kind, body string) (*http.Response, string) {
				t.Helper()
				r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if kind != "" {
					r.Header.Set("Content-Type", kind)
				}
				reply, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer reply.Body.Close()
				text, err := io.ReadAll(reply.Body)
				if err != nil {
					t.Fatal(err)
				}
				return reply, string(text)
			})
		})
	}
}

type visit func(method, path, kind, body string) (*http.Response, string)

const form = "application/x-www-form-urlencoded"

func fields(title, to string) string { return url.Values{"title": {title}, "to": {to}}.Encode() }

// TestVisit requests the pages as a visitor does.
func TestVisit(t *testing.T) {
	onBoth(t, func(t *testing.T, visit visit) {
		for _, c := range []struct {
			method, path, kind, body string
			status                   int
			want                     string // in the body
			header                   string // Name: value
		}{
			{"GET", "/links", "", "", 200, `<a href="/links/1">PEP 3333</a>`, "Content-Type: text/html; charset=utf-8"},
			{"GET", "/links/", "", "", 200, `<a href="/links/2">ASGI</a>`, ""},
			{"GET", "/links/2", "", "", 200, "<h1>ASGI</h1>", ""},
			{"GET", "/links/3", "", "", 404, "<h1>Not Found</h1>", "Content-Type: text/html; charset=utf-8"},
			{"GET", "/links/%3Cb%3E", "", "", 404, `<a href="/links">All links</a>`, ""},
			{"GET", "/linksandmore", "", "", 404, "Not Found\n", "Content-Type: text/plain"},
			{"PUT", "/links", "", "", 405, "<h1>Method Not Allowed</h1>", "Allow: GET, HEAD, POST"},
			{"DELETE", "/links/1", "", "", 405, "", "Allow: GET, HEAD"},
			{"GET", "/upload", "", "", 405, "Method Not Allowed\n", "Allow: POST"},
			{"POST", "/links", form, fields("", "https://example.org/"), 422, "needs a title", ""},
			{"POST", "/links", form, fields(`"><i>`, "javascript:alert(1)"), 422, `value="&#34;&gt;&lt;i&gt;"`, ""},
			{"POST", "/links", form, "title=%zz", 400, "<h1>Bad Request</h1>", ""},
			{"POST", "/links", "application/json", "{}", 415, "", ""},
			{"POST", "/links", "", "", 415, "", ""},
			{"POST", "/links", form, "title=" + strings.Repeat("x", 64<<10), 413, "", ""},
			{"POST", "/links", form, fields("<script>alert(1)</script>", `https://example.org/?a="b"`), 303, "",
				"Location: /links/3"},
			{"GET", "/links/3", "", "", 200, "<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>", ""},
			{"GET", "/links", "", "", 200, `<a href="/links/3">&lt;script&gt;`, ""},
		} {
			reply, text := visit(c.method, c.path, c.kind, c.body)
			name, value, _ := strings.Cut(c.header, ": ")
			if reply.StatusCode != c.status || !strings.Contains(text, c.want) || strings.Contains(text, "<script>") ||
				name != "" && reply.Header.Get(name) != value {
				t.Errorf("%s %s %.60q: %s %v\n%s", c.method, c.path, c.body, reply.Status, reply.Header, text)
			}
			if below := c.path == "/links" || strings.HasPrefix(c.path,
				"/links/"); below != strings.HasPrefix(reply.Header.Get("Server-Timing"), "app;dur=") {
				t.Errorf("%s %s: Server-Timing %q, want it on pages only", c.method, c.path, reply.Header.Get("Server-Timing"))
			}
		}
	})
}

// TestHead: HEAD is answered as GET is, without the body.
func TestHead(t *testing.T) {
	onBoth(t, func(t *testing.T, visit visit) {
		for _, path := range []string{"/", "/links", "/links/1", "/links/9"} {
			get, text := visit("GET", path, "", "")
			head, none := visit("HEAD", path, "", "")
			if head.StatusCode != get.StatusCode || head.ContentLength != int64(len(text)) || none != "" || text == "" {
				t.Errorf("%s: %s, length %d of %d, body %q", path, head.Status, head.ContentLength, len(text), none)
			}
		}
	})
}
