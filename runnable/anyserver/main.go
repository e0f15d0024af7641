// One application, written four times: for the bare contract of WSGI, for that of ASGI, for net/http, and for the router
// chi on net/http. Each runs on any server: the book's four gateway servers, and net/http's own.
//
//	go run ./runnable/anyserver -app asgi -server threads
//
// Two more stand in runnable/framework. The answers are the same bytes, whatever is chosen: `serve matrix` asks all.
package main

import (
	"net/http"

	"era/runnable/kit/anyserver"
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
			return anyserver.Application{HTTP: plainHandler(handlers{backend.String()})}
		},
		"chi": func(backend sys.Addr) anyserver.Application {
			return anyserver.Application{HTTP: chiHandler(handlers{backend.String()})}
		},
	})
}

// plainHandler is the application with the standard library's router.
func plainHandler(h handlers) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.hello)
	mux.HandleFunc("GET /ask", h.ask)
	mux.HandleFunc("GET /stream", h.stream)
	mux.HandleFunc("POST /upload", h.upload)
	mux.HandleFunc("/", h.notFound)
	return mux
}
