package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"time"

	"era/runnable/kit/asgi"
	"era/runnable/kit/asgi/toolkit"
	"era/runnable/kit/sys"
)

// toolkitSite is the site in the framework on ASGI. It waits for the backend with the engine.
func toolkitSite(e asgi.Engine, backend sys.Addr) asgi.App {
	site := &toolkit.App{}
	site.Route("/", withoutPart(func(*toolkit.Request) (toolkit.Response, error) {
		return toolkit.Text(http.StatusOK, "hello\n"), nil
	}))
	site.Route("/ask", withoutPart(func(r *toolkit.Request) (toolkit.Response, error) {
		line, err := ask(e, backend, r.QueryString) // a slow backend holds this call only
		if err != nil {
			return toolkit.Abort(http.StatusBadGateway)
		}
		return toolkit.Text(http.StatusOK, line), nil
	}))
	site.Route("/burn", withoutPart(func(r *toolkit.Request) (toolkit.Response, error) {
		text, ok := burn(r.QueryString)
		if !ok {
			return toolkit.Text(http.StatusBadRequest, "Bad Request\n").With("connection", "close"), nil
		}
		return toolkit.Text(http.StatusOK, text), nil
	}))
	site.Route("GET /stream", func(*toolkit.Request) (toolkit.Response, error) {
		return toolkit.Stream(func(write func([]byte) error) (err error) {
			for i := 0; i < 3 && err == nil; i++ {
				err = write(fmt.Appendf(nil, "line %d of 3\n", i+1))
			}
			return err
		}), nil
	})
	site.Route("POST /upload", func(r *toolkit.Request) (toolkit.Response, error) {
		sum, n := sha256.New(), 0
		for more := true; more; {
			var part []byte
			var err error
			if part, more, err = r.Read(); err != nil {
				return toolkit.Response{}, err
			}
			n += len(part)
			sum.Write(part)
		}
		return toolkit.Text(http.StatusOK, fmt.Sprintf("%d bytes, sha256 %x\n", n, sum.Sum(nil))), nil
	})
	site.Mount("/links", toolkitLinks(newShelf()))
	return site.Call
}

// ask sends the backend one line and waits for the line that comes back.
func ask(e asgi.Engine, backend sys.Addr, question string) (string, error) {
	conn, err := e.Dial(backend)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, question); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

// region links

// toolkitLinks are the pages of the links. They do not know under which path they are mounted.
func toolkitLinks(links *shelf) asgi.App {
	p := toolkitPages{links}
	app := &toolkit.App{ErrorPage: p.failed}
	app.Use(timedSend)
	app.Route("GET /", p.list)
	app.Route("GET /{id}", p.show)
	app.Route("POST /", p.add)
	return app.Call
}

func (p toolkitPages) list(r *toolkit.Request) (toolkit.Response, error) {
	return p.page(r, http.StatusOK, "list", seen{Title: "Links"})
}

func (p toolkitPages) show(r *toolkit.Request) (toolkit.Response, error) {
	link, ok := p.links.find(r.Param("id"))
	if !ok {
		return toolkit.Abort(http.StatusNotFound)
	}
	return p.page(r, http.StatusOK, "link", seen{Title: link.Title, Link: link})
}

func (p toolkitPages) add(r *toolkit.Request) (toolkit.Response, error) {
	form, err := r.Form() // receives it; other calls have their turn meanwhile
	if err != nil {
		return toolkit.Response{}, err
	}
	link, wrong := p.links.add(form)
	if wrong != "" { // the form again, with the values that were sent
		return p.page(r, http.StatusUnprocessableEntity, "list",
			seen{Title: "Links", Wrong: wrong, Form: form})
	}
	return toolkit.SeeOther(r.RootPath + "/" + number(link.ID)), nil
}

func (p toolkitPages) failed(r *toolkit.Request, status toolkit.Status) (toolkit.Response, error) {
	return p.page(r, int(status), "error", seen{Title: status.Error()})
}

// endregion

type toolkitPages struct{ links *shelf }

// page renders a template.
func (p toolkitPages) page(r *toolkit.Request, status int, template string, what seen) (toolkit.Response, error) {
	what.Root, what.Links = r.RootPath, p.links.all()
	return toolkit.Page(status, templates, template, what)
}

// timedSend is a middleware: it wraps send, and adds to the start a header with the time until the application sent it.
// Every other event passes through, those of WebSockets and of future types included.
func timedSend(app asgi.App) asgi.App {
	return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		began := time.Now()
		return app(scope, receive, func(e asgi.Event) error {
			if e.Type == asgi.ResponseStart {
				name, value := serverTiming(began)
				e.Headers = append(e.Headers[:len(e.Headers):len(e.Headers)],
					asgi.Header{Name: strings.ToLower(name), Value: value})
			}
			return send(e)
		})
	}
}

// withoutPart refuses a request with a body, where none is read.
func withoutPart(endpoint toolkit.Endpoint) toolkit.Endpoint {
	return func(r *toolkit.Request) (toolkit.Response, error) {
		if strings.Trim(r.Get("content-length"), "0") != "" || r.Get("transfer-encoding") != "" {
			return toolkit.Text(http.StatusNotImplemented, "Not Implemented\n").With("connection", "close"), nil
		}
		return endpoint(r)
	}
}
