// Package toolkit is a small framework for ASGI, as Starlette is one: its authors call it a framework or a toolkit. It
// stands on nothing but the contract, and knows no engine: its endpoints wait in receive and send, and for everything else
// in what their application brings along.
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

// Endpoint answers requests. Its error becomes a page: a Status that of its number, any other 500.
type Endpoint func(*Request) (Response, error)

// Status is a failure that the client is told of by its number, 400 to 599.
type Status int

func (s Status) Error() string { return http.StatusText(int(s)) }

// Abort is what one returns to answer with a status and its page.
func Abort(status int) (Response, error) { return Response{}, Status(status) }

// App is an application in the making; its Call is the application.
type App struct {
	// ErrorPage shows the client what went wrong; nil shows the status in words.
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

// Mount lets another application answer all below the prefix, "/links", WebSockets included. The prefix is added to the
// scope's root_path; the path stays whole (ASGI HTTP, "root_path").
func (a *App) Mount(prefix string, app asgi.App) { a.mounts = append(a.mounts, mount{prefix, app}) }

// Use puts a middleware around the application. The first is the outermost.
func (a *App) Use(wrap func(asgi.App) asgi.App) { a.wraps = append(a.wraps, wrap) }

// Call is the application, as ASGI wants it.
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
			scope.RootPath += m.prefix // ours: a scope is passed by value
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
		return err // there is nobody to tell
	case err != nil:
		response = a.failed(request, err)
	}
	return response.send(send)
}

// endpoint calls the endpoint that the path leads to.
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

// failed is the page for an error. What is no Status is our own fault, and its details are for the log only.
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
