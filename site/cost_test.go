package site

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkRequests measures the cost of strangers' requests for a page, an icon, or a page that does not exist.
func BenchmarkRequests(b *testing.B) {
	handler := New(root, Options{Stream: "lab/live"}).Handler()
	for name, url := range map[string]string{"page": "/select.html", "icon": "/static/icon.svg", "missing": "/none.html"} {
		b.Run(name, func(b *testing.B) {
			request := httptest.NewRequest(http.MethodGet, url, nil)
			request.Header.Set("Accept-Encoding", "gzip")
			handler.ServeHTTP(httptest.NewRecorder(), request) // the first reads the book
			for b.Loop() {
				handler.ServeHTTP(discard{}, request)
			}
		})
	}
}

// discard is a response without a reader.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
