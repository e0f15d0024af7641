// The application on net/http once more, with chi, a third-party router. It is a separate program, so that the others
// can be built where chi is not available.
//
//	go run ./runnable/gateways/chi -app chi -server threads
package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"era/runnable/kit/anyserver"
	"era/runnable/kit/anyserver/plain"
	"era/runnable/kit/sys"
)

func main() {
	anyserver.Main(map[string]func(sys.Addr) anyserver.Application{
		"chi": func(backend sys.Addr) anyserver.Application {
			return anyserver.Application{HTTP: handler(plain.Handlers{Backend: backend.String()})}
		},
	})
}

func handler(h plain.Handlers) http.Handler {
	r := chi.NewRouter()
	r.Get("/", h.Hello)
	r.Head("/", h.Hello)
	r.Get("/ask", h.Ask)
	r.Get("/stream", h.Stream)
	r.Post("/upload", h.Upload)
	r.NotFound(h.NotFound)
	return r
}
