// Two small frameworks, and the same little site written in each: the book's one job, and a page of links that you can
// add to. Neither knows its server. Choose:
//
//	go run ./runnable/gateways/framework -app micro -server threads
//	go run ./runnable/gateways/framework -app toolkit -server loop
//
// and open http://127.0.0.1:8080/links. The links are kept in memory, so with "-server workers" each process has its
// own.
package main

import (
	"era/runnable/kit/anyserver"
	"era/runnable/kit/asgi"
	"era/runnable/kit/sys"
)

func main() {
	anyserver.Main(map[string]func(sys.Addr) anyserver.Application{
		"micro": func(backend sys.Addr) anyserver.Application {
			return anyserver.Application{WSGI: microSite(backend)}
		},
		"toolkit": func(backend sys.Addr) anyserver.Application {
			return anyserver.Application{ASGI: func(e asgi.Engine) asgi.App { return toolkitSite(e, backend) }}
		},
	})
}
