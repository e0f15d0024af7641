// Package plain has the handlers of the book's servers on net/http, one for each path, for any router.
package plain

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
)

// Handlers ask the backend at this address.
type Handlers struct{ Backend string }

func text(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(status)
	io.WriteString(w, body) // an error means that the client has left
}

// Hello says hello.
func (h Handlers) Hello(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "hello\n") }

// NotFound is for all other paths.
func (h Handlers) NotFound(w http.ResponseWriter, _ *http.Request) {
	text(w, http.StatusNotFound, "Not Found\n")
}

// Ask replies with the backend's answer, or 502.
func (h Handlers) Ask(w http.ResponseWriter, r *http.Request) {
	line, err := h.question(r.URL.RawQuery)
	if err != nil {
		text(w, http.StatusBadGateway, "Bad Gateway\n")
		return
	}
	text(w, http.StatusOK, line)
}

func (h Handlers) question(query string) (string, error) {
	conn, err := net.Dial("tcp4", h.Backend)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, query); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

// Stream sends three lines, each as soon as it is there.
func (h Handlers) Stream(w http.ResponseWriter, _ *http.Request) {
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

// Upload counts and hashes a body as it arrives.
func (h Handlers) Upload(w http.ResponseWriter, r *http.Request) {
	sum := sha256.New()
	n, err := io.Copy(sum, r.Body)
	if err != nil {
		text(w, http.StatusBadRequest, "Bad Request\n")
		return
	}
	text(w, http.StatusOK, fmt.Sprintf("%d bytes, sha256 %x\n", n, sum.Sum(nil)))
}
