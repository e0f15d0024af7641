// Package micro is a framework for WSGI, as small as a useful one can be; Flask calls itself a microframework. It
// depends only on the contract, not on sockets, a server or HTTP. It turns the environ into a request, finds the view
// for the path, and turns the view's response into a status, headers and a body.
//
//	Flask                              here
//	@app.route("/links/<id>")          app.Route("GET /links/{id}", view)
//	return "text", return Response     return Text(200, "text"), nil
//	abort(404)                         return Abort(404)
//	render_template                    Page
//	app.wsgi_app = timed(app.wsgi_app) app.Use(timed)
//	the request is a global            the request is an argument
package micro

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"runtime/debug"
	"strings"

	"era/runnable/kit/route"
	"era/runnable/kit/wsgi"
)

// View answers requests. Its error becomes a page: with the number of a Status, else 500.
type View func(*Request) (Response, error)

// Status is a failure that is reported to the client by its number, 400 to 599.
type Status int

func (s Status) Error() string { return http.StatusText(int(s)) }

// Abort returns the values with which a view answers with a status and its page.
func Abort(status int) (Response, error) { return Response{}, Status(status) }

// App builds an application; its Call method is the application. It may be called by several threads at a time.
type App struct {
	// ErrorPage makes the page for a failure; nil shows the status text.
	ErrorPage func(*Request, Status) (Response, error)

	views  route.Table[View]
	mounts []mount
	wraps  []func(wsgi.App) wsgi.App
}

type mount struct {
	prefix string
	app    wsgi.App
}

// Route lets a view answer a path: see route.Table.
func (a *App) Route(pattern string, view View) { a.views.Add(pattern, view) }

// Mount lets another application answer all paths below the prefix, such as "/links". It need not know the prefix,
// which moves from PATH_INFO to SCRIPT_NAME, as in PEP 3333.
func (a *App) Mount(prefix string, app wsgi.App) { a.mounts = append(a.mounts, mount{prefix, app}) }

// Use puts a middleware around the application. The first is the outermost.
func (a *App) Use(wrap func(wsgi.App) wsgi.App) { a.wraps = append(a.wraps, wrap) }

// Call is the application in the form of WSGI.
func (a *App) Call(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
	app := a.answer
	for i := len(a.wraps) - 1; i >= 0; i-- {
		app = a.wraps[i](app)
	}
	return app(environ, startResponse)
}

func (a *App) answer(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
	path := environ.Text("PATH_INFO")
	for _, m := range a.mounts {
		if rest, below := strings.CutPrefix(path, m.prefix); below && (rest == "" || rest[0] == '/') {
			environ["SCRIPT_NAME"], environ["PATH_INFO"] = environ.Text("SCRIPT_NAME")+m.prefix, rest
			return m.app(environ, startResponse)
		}
	}
	request := &Request{Environ: environ}
	response, err := a.view(request)
	if err != nil {
		response = a.failed(request, err)
	}
	startResponse(fmt.Sprintf("%d %s", response.Status, http.StatusText(response.Status)), response.Headers)
	return response.Body
}

// view calls the view for the path. It turns a panic into an error: nothing has been sent yet, so the client can still
// get a page.
func (a *App) view(r *Request) (response Response, err error) {
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("panic: %v\n%s", failure, debug.Stack())
		}
	}()
	view, params, allow, ok := a.views.Find(r.Method(), r.Path())
	switch r.params = params; {
	case ok:
		return view(r)
	case allow != nil:
		response = a.failed(r, Status(http.StatusMethodNotAllowed))
		return response.With("Allow", strings.Join(allow, ", ")), nil
	}
	return Abort(http.StatusNotFound)
}

// failed is the page for an error. An error other than a Status is a bug, and its details are for the log only.
func (a *App) failed(r *Request, err error) Response {
	var status Status
	if !errors.As(err, &status) {
		status = http.StatusInternalServerError
		fmt.Fprintf(r.Errors(), "%s %s: %v\n", r.Method(), r.Path(), err)
	}
	if a.ErrorPage != nil {
		if response, err := a.ErrorPage(r, status); err == nil {
			return response
		}
	}
	return Text(int(status), status.Error()+"\n")
}
