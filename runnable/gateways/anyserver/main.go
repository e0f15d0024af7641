// One application, written three times: for the bare contract of WSGI, for that of ASGI, and for net/http. Each runs on
// any server: the book's four gateway servers, and net/http's own.
//
//	go run ./runnable/gateways/anyserver -app asgi -server threads
//
// Two more are in runnable/gateways/framework, and one in runnable/gateways/chi. All combinations answer with the same
// bytes: `serve matrix` checks them.
package main

import (
	"net/http"

	"era/runnable/kit/anyserver"
	"era/runnable/kit/anyserver/plain"
	"era/runnable/kit/asgi"
	"era/runnable/kit/sys"
)

func main() {
	anyserver.Main(map[string]func(sys.Addr) anyserver.Application{
		"wsgi": func(backend sys.Addr) anyserver.Application {
			return anyserver.Application{WSGI: bareWSGI(backend)}
		},
		"asgi": func(backend sys.Addr) anyserver.Application {
			return anyserver.Application{ASGI: func(e asgi.Engine) asgi.App { return bareASGI(e, backend) }}
		},
		"nethttp": func(backend sys.Addr) anyserver.Application {
			return anyserver.Application{HTTP: plainHandler(plain.Handlers{Backend: backend.String()})}
		},
	})
}

// plainHandler is the application with the standard library's router.
func plainHandler(h plain.Handlers) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.Hello)
	mux.HandleFunc("GET /ask", h.Ask)
	mux.HandleFunc("GET /stream", h.Stream)
	mux.HandleFunc("POST /upload", h.Upload)
	mux.HandleFunc("/", h.NotFound)
	return mux
}
