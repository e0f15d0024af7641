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
		line, err := job.Ask(backend, r.Text("QUERY_STRING")+"\n") // here a slow backend holds our thread
		if err != nil {
			return micro.Response{}, micro.Status(http.StatusBadGateway)
		}
		return micro.Text(http.StatusOK, string(line)), nil
	}))
	site.Route("/burn", withoutBody(func(r *micro.Request) (micro.Response, error) {
		text, ok := burn(r.Text("QUERY_STRING"))
		if !ok {
			return micro.Response{}, micro.Status(http.StatusBadRequest)
		}
		return micro.Text(http.StatusOK, text), nil
	}))
	site.Route("GET /stream", func(*micro.Request) (micro.Response, error) { return micro.Stream(threeLines), nil })
	site.Route("POST /upload", func(r *micro.Request) (micro.Response, error) {
		sum := sha256.New()
		n, err := io.Copy(sum, r.Body())
		if err != nil {
			return micro.Response{}, micro.Status(http.StatusBadRequest)
		}
		return micro.Text(http.StatusOK, fmt.Sprintf("%d bytes, sha256 %x\n", n, sum.Sum(nil))), nil
	})
	site.Mount("/links", microLinks(newShelf()))
	return site.Call
}

// microLinks are the pages to be looked at. They do not know under which path they lie.
func microLinks(links *shelf) wsgi.App {
	app := &micro.App{ErrorPage: func(r *micro.Request, status micro.Status) (micro.Response, error) {
		return micro.Page(int(status), pages, "error", seen{Root: r.Root(), Title: status.Error()})
	}}
	app.Use(timed)
	app.Route("GET /", func(r *micro.Request) (micro.Response, error) {
		return micro.Page(http.StatusOK, pages, "list", seen{Root: r.Root(), Title: "Links", Links: links.all()})
	})
	app.Route("GET /{id}", func(r *micro.Request) (micro.Response, error) {
		link, ok := links.find(r.Param("id"))
		if !ok {
			return micro.Response{}, micro.Status(http.StatusNotFound)
		}
		return micro.Page(http.StatusOK, pages, "link", seen{Root: r.Root(), Title: link.Title, Link: link})
	})
	app.Route("POST /", func(r *micro.Request) (micro.Response, error) {
		form, err := r.Form() // reading waits for the client, and our thread with it
		if err != nil {
			return micro.Response{}, err
		}
		link, wrong := links.add(form)
		if wrong != "" { // the form once more, with what was sent, so that nobody types it twice
			again := seen{Root: r.Root(), Title: "Links", Links: links.all(), Wrong: wrong, Form: form}
			return micro.Page(http.StatusUnprocessableEntity, pages, "list", again)
		}
		return micro.SeeOther(r.Root() + "/" + number(link.ID)), nil
	})
	return app.Call
}

// timed is a middleware: to the server an application, to the application a server. It listens to start_response, and adds
// a header that says how long that took to come.
func timed(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		began := time.Now()
		return app(environ, func(status string, headers []wsgi.Header, exc ...error) wsgi.Write {
			name, value := serverTiming(began)
			return startResponse(status, append(headers[:len(headers):len(headers)], wsgi.Header{name, value}), exc...)
		})
	}
}

// withoutBody refuses a request that brings a body where none is read.
func withoutBody(view micro.View) micro.View {
	return func(r *micro.Request) (micro.Response, error) {
		if strings.Trim(r.Text("CONTENT_LENGTH"), "0") != "" || r.Text("HTTP_TRANSFER_ENCODING") != "" {
			return micro.Response{}, micro.Status(http.StatusBadRequest)
		}
		return view(r)
	}
}

// threeLines are three parts of a body.
func threeLines(yield func([]byte) bool) {
	for i := 0; i < 3 && yield(fmt.Appendf(nil, "line %d of 3\n", i+1)); i++ {
	}
}
