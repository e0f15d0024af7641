package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/go-chi/chi/v5"
)

// handlers are the application on net/http, each for one path: which router leads to them, they do not know.
type handlers struct{ backend string }

func text(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(status)
	io.WriteString(w, body) // an error says that the client has left, and so do we
}

func (h handlers) hello(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "hello\n") }

func (h handlers) notFound(w http.ResponseWriter, _ *http.Request) {
	text(w, http.StatusNotFound, "Not Found\n")
}

func (h handlers) ask(w http.ResponseWriter, r *http.Request) {
	line, err := h.question(r.URL.RawQuery)
	if err != nil {
		text(w, http.StatusBadGateway, "Bad Gateway\n")
		return
	}
	text(w, http.StatusOK, line)
}

func (h handlers) question(query string) (string, error) {
	conn, err := net.Dial("tcp4", h.backend)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, query); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

func (h handlers) stream(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	for i := range 3 {
		if _, err := fmt.Fprintf(w, "line %d of 3\n", i+1); err != nil {
			return
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
	}
}

func (h handlers) upload(w http.ResponseWriter, r *http.Request) {
	sum := sha256.New()
	n, err := io.Copy(sum, r.Body)
	if err != nil {
		text(w, http.StatusBadRequest, "Bad Request\n")
		return
	}
	text(w, http.StatusOK, fmt.Sprintf("%d bytes, sha256 %x\n", n, sum.Sum(nil)))
}

// chiHandler is the application with a router that others have written, for net/http alone.
func chiHandler(h handlers) http.Handler {
	r := chi.NewRouter()
	r.Get("/", h.hello)
	r.Head("/", h.hello)
	r.Get("/ask", h.ask)
	r.Get("/stream", h.stream)
	r.Post("/upload", h.upload)
	r.NotFound(h.notFound)
	return r
}
