package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	"era/runnable/kit/job"
	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
	"era/runnable/kit/wsgi/micro"
)

// microSite is the site in the framework on WSGI.
func microSite(backend sys.Addr) wsgi.App {
	site := &micro.App{}
	site.Route("/", withoutBody(func(*micro.Request) (micro.Response, error) {
		return micro.Text(http.StatusOK, "hello\n"), nil
	}))
	site.Route("/ask", withoutBody(func(r *micro.Request) (micro.Response, error) {
		line, err := job.Ask(backend, r.Text("QUERY_STRING")+"\n") // a slow backend holds this thread
		if err != nil {
			return micro.Abort(http.StatusBadGateway)
		}
		return micro.Text(http.StatusOK, string(line)), nil
	}))
	site.Route("/burn", withoutBody(func(r *micro.Request) (micro.Response, error) {
		text, ok := burn(r.Text("QUERY_STRING"))
		if !ok {
			return micro.Abort(http.StatusBadRequest)
		}
		return micro.Text(http.StatusOK, text), nil
	}))
	site.Route("GET /stream", func(*micro.Request) (micro.Response, error) { return micro.Stream(threeLines), nil })
	site.Route("POST /upload", func(r *micro.Request) (micro.Response, error) {
		sum := sha256.New()
		n, err := io.Copy(sum, r.Body())
		if err != nil {
			return micro.Abort(http.StatusBadRequest)
		}
		return micro.Text(http.StatusOK, fmt.Sprintf("%d bytes, sha256 %x\n", n, sum.Sum(nil))), nil
	})
	site.Mount("/links", microLinks(newShelf()))
	return site.Call
}

// region links

// microLinks are the pages of the links. They do not know under which path they are mounted.
func microLinks(links *shelf) wsgi.App {
	p := microPages{links}
	app := &micro.App{ErrorPage: p.failed}
	app.Use(timed)
	app.Route("GET /", p.list)
	app.Route("GET /{id}", p.show)
	app.Route("POST /", p.add)
	return app.Call
}

func (p microPages) list(r *micro.Request) (micro.Response, error) {
	return p.page(r, http.StatusOK, "list", seen{Title: "Links"})
}

func (p microPages) show(r *micro.Request) (micro.Response, error) {
	link, ok := p.links.find(r.Param("id"))
	if !ok {
		return micro.Abort(http.StatusNotFound)
	}
	return p.page(r, http.StatusOK, "link", seen{Title: link.Title, Link: link})
}

func (p microPages) add(r *micro.Request) (micro.Response, error) {
	form, err := r.Form() // waits for the client, and holds this thread meanwhile
	if err != nil {
		return micro.Response{}, err
	}
	link, wrong := p.links.add(form)
	if wrong != "" { // the form again, with the values that were sent
		return p.page(r, http.StatusUnprocessableEntity, "list",
			seen{Title: "Links", Wrong: wrong, Form: form})
	}
	return micro.SeeOther(r.Root() + "/" + number(link.ID)), nil
}

func (p microPages) failed(r *micro.Request, status micro.Status) (micro.Response, error) {
	return p.page(r, int(status), "error", seen{Title: status.Error()})
}

// endregion

type microPages struct{ links *shelf }

// page renders a template.
func (p microPages) page(r *micro.Request, status int, template string, what seen) (micro.Response, error) {
	what.Root, what.Links = r.Root(), p.links.all()
	return micro.Page(status, templates, template, what)
}

// timed is a middleware: an application for the server, a server for the application. It wraps start_response, and adds
// a header with the time until the application called it.
func timed(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		began := time.Now()
		return app(environ, func(status string, headers []wsgi.Header, exc ...error) wsgi.Write {
			name, value := serverTiming(began)
			return startResponse(status, append(headers[:len(headers):len(headers)], wsgi.Header{name, value}), exc...)
		})
	}
}

// withoutBody refuses a request with a body, where none is read.
func withoutBody(view micro.View) micro.View {
	return func(r *micro.Request) (micro.Response, error) {
		if strings.Trim(r.Text("CONTENT_LENGTH"), "0") != "" || r.Text("HTTP_TRANSFER_ENCODING") != "" {
			return micro.Abort(http.StatusNotImplemented)
		}
		return view(r)
	}
}

// threeLines yields a body in three parts.
func threeLines(yield func([]byte) bool) {
	for i := 0; i < 3 && yield(fmt.Appendf(nil, "line %d of 3\n", i+1)); i++ {
	}
}
