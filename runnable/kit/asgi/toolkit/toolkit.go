// Package toolkit is a small framework for ASGI, like Starlette, whose authors call it a framework or toolkit. It
// depends only on the contract, not on an engine: its endpoints wait in receive and send, and otherwise in calls that
// their application provides.
//
//	Starlette                             here
//	Route("/links/{id}", endpoint)        app.Route("GET /links/{id}", endpoint)
//	return PlainTextResponse("text")      return Text(200, "text"), nil
//	raise HTTPException(404)              return Abort(404)
//	TemplateResponse                      Page
//	StreamingResponse                     Stream
//	await request.form()                  r.Form()
//	Mount("/links", links)                app.Mount("/links", links.Call)
//	Middleware(Timed)                     app.Use(timed)
package toolkit

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"

	"era/runnable/kit/asgi"
	"era/runnable/kit/route"
)

// Endpoint answers requests. Its error becomes a page: with the number of a Status, else 500.
type Endpoint func(*Request) (Response, error)

// Status is a failure that is reported to the client by its number, 400 to 599.
type Status int

func (s Status) Error() string { return http.StatusText(int(s)) }

// Abort returns the values with which an endpoint answers with a status and its page.
func Abort(status int) (Response, error) { return Response{}, Status(status) }

// App builds an application; its Call method is the application.
type App struct {
	// ErrorPage makes the page for a failure; nil shows the status text.
	ErrorPage func(*Request, Status) (Response, error)

	endpoints route.Table[Endpoint]
	mounts    []mount
	wraps     []func(asgi.App) asgi.App
}

type mount struct {
	prefix string
	app    asgi.App
}

// Route lets an endpoint answer a path: see route.Table.
func (a *App) Route(pattern string, e Endpoint) { a.endpoints.Add(pattern, e) }

// Mount lets another application answer all paths below the prefix, such as "/links", including WebSockets. The prefix
// is added to the scope's root_path; the path keeps it (ASGI HTTP, "root_path").
func (a *App) Mount(prefix string, app asgi.App) { a.mounts = append(a.mounts, mount{prefix, app}) }

// Use puts a middleware around the application. The first is the outermost.
func (a *App) Use(wrap func(asgi.App) asgi.App) { a.wraps = append(a.wraps, wrap) }

// Call is the application in the form of ASGI.
func (a *App) Call(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	app := a.answer
	for i := len(a.wraps) - 1; i >= 0; i-- {
		app = a.wraps[i](app)
	}
	return app(scope, receive, send)
}

func (a *App) answer(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
	path := strings.TrimPrefix(scope.Path, scope.RootPath)
	for _, m := range a.mounts {
		if rest, below := strings.CutPrefix(path, m.prefix); below && (rest == "" || rest[0] == '/') {
			scope.RootPath += m.prefix // our copy: a scope is passed by value
			return m.app(scope, receive, send)
		}
	}
	switch scope.Type {
	case "http":
	case "websocket":
		return send(asgi.Event{Type: asgi.WebSocketClose}) // there are no endpoints for these: 403
	default:
		return fmt.Errorf("%w: %q", asgi.ErrUnknownScope, scope.Type)
	}
	request := &Request{Scope: scope, receive: receive}
	response, err := a.endpoint(request, path)
	switch {
	case request.gone || errors.Is(err, asgi.ErrDisconnected):
		return err // the client has left
	case err != nil:
		response = a.failed(request, err)
	}
	return response.send(send)
}

// endpoint calls the endpoint for the path.
func (a *App) endpoint(r *Request, path string) (response Response, err error) {
	endpoint, params, allow, ok := a.endpoints.Find(r.Method, path)
	switch r.params = params; {
	case ok:
		return endpoint(r)
	case allow != nil:
		response = a.failed(r, Status(http.StatusMethodNotAllowed))
		return response.With("allow", strings.Join(allow, ", ")), nil
	}
	return Abort(http.StatusNotFound)
}

// failed is the page for an error. An error other than a Status is a bug, and its details are for the log only.
func (a *App) failed(r *Request, err error) Response {
	var status Status
	if !errors.As(err, &status) {
		status = http.StatusInternalServerError
		log.Printf("%s %s: %v", r.Method, r.Path, err)
	}
	if a.ErrorPage != nil {
		if response, err := a.ErrorPage(r, status); err == nil {
			return response
		}
	}
	return Text(int(status), status.Error()+"\n")
}
