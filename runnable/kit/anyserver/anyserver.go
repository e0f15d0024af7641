// Package anyserver runs an application of any of three contracts on a server of any of them, with a bridge between
// them if they differ.
//
//	server \ application   WSGI               ASGI                      net/http
//	WSGI                   direct             through net/http: two     a bridge
//	                                          bridges
//	ASGI                   a bridge: a        direct                    a bridge: a thread
//	                       thread for each                              for each request
//	net/http               a bridge           a bridge                  direct
//
// Features that the server does not have are lost: WebSockets and the lifespan of an ASGI application work only on ASGI
// servers.
package anyserver

import (
	"net/http"

	"era/runnable/kit/asgi"
	asgibridge "era/runnable/kit/asgi/bridge"
	"era/runnable/kit/wsgi"
	wsgibridge "era/runnable/kit/wsgi/bridge"
)

// Application is written for one contract: one of the fields is set.
type Application struct {
	WSGI wsgi.App
	ASGI func(asgi.Engine) asgi.App // made for an engine
	HTTP http.Handler
}

// wsgi returns the application for a WSGI server.
func (a Application) wsgi() wsgi.App {
	switch {
	case a.WSGI != nil:
		return a.WSGI
	case a.ASGI != nil: // the server's threads have no loop: goroutines wait for receive and send
		return wsgibridge.App(a.http())
	}
	return wsgibridge.App(a.HTTP)
}

// asgi returns the application for an ASGI server on the engine.
func (a Application) asgi(e asgi.Engine) asgi.App {
	switch {
	case a.ASGI != nil:
		return a.ASGI(e)
	case a.WSGI != nil:
		return asgibridge.FromWSGI(e, a.WSGI)
	}
	return asgibridge.FromHandler(e, a.HTTP)
}

// http returns the application for Go's own server.
func (a Application) http() http.Handler {
	switch {
	case a.HTTP != nil:
		return a.HTTP
	case a.WSGI != nil:
		return wsgibridge.Handler(a.WSGI)
	}
	return asgibridge.Handler(a.ASGI(asgi.OnGoroutines), nil)
}
