package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"era/site/guard"
)

// file is a page as it is sent.
type file struct {
	kind string // content type
	body []byte
	gzip func() []byte // made at the first request; nil if not worth it
	etag string
}

var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
	".gz":   "application/gzip",
	".png":  "image/png",
	".xml":  "application/xml; charset=utf-8",

	".webmanifest": "application/manifest+json",
}

func pack(name string, body []byte) file {
	sum := sha256.Sum256(body)
	f := file{kind: kinds[path.Ext(name)], body: body, etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	if f.kind == "" {
		f.kind = mime.TypeByExtension(path.Ext(name))
	}
	f.gzip = sync.OnceValue(func() []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(body) // cannot fail: it writes to memory
		z.Close()
		if b.Len() >= len(body) {
			return nil
		}
		return b.Bytes()
	})
	return f
}

// Handler serves the pages as the files are at each request.
func (s *Site) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		e, err := s.edition()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		status, name := http.StatusOK, pageName(r.URL.Path)
		if e.options.Stream != "" && path.Base(name) == workerPage {
			name = workerPage // of a site that was at this origin before, whatever folder it was in
		}
		p := e.pages[name]
		if p == nil && strings.HasSuffix(name, "/") {
			p = e.pages[name+"index.html"] // the first page of a language
		}
		if chapter := strings.Trim(r.URL.Path, "/") + ".html"; p == nil && strings.HasSuffix(r.URL.Path, "/") &&
			e.pages[chapter] != nil {
			// "/blocking/", as some people type it. The address is relative, and set by hand: http.Redirect would make
			// it absolute.
			w.Header().Set("Location", "../"+path.Base(chapter))
			w.WriteHeader(http.StatusFound)
			return
		}
		depth := strings.Count(name, "/")
		if p == nil && depth > deepest {
			http.NotFound(w, r) // the page of errors would have so many "../" in each of its addresses
			return
		}
		if p == nil {
			status, p = http.StatusNotFound, e.lost[depth]
		}
		if folder, is := moduleOf(p.name); is {
			s.serveModule(w, r, p.name, folder)
			return
		}
		f, err := p.get()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if p.steps {
			guard.AllowStepping(w.Header())
		}
		f.serve(w, r, status)
	})
}

const deepest = 8 // folders; more than any page of the site is below

// pageName returns the name of the page at a path: "/" and "/blocking" are short for index.html and blocking.html.
func pageName(url string) string {
	name := strings.TrimPrefix(url, "/")
	switch {
	case name == "":
		return "index.html"
	case path.Ext(name) == "" && !strings.Contains(name, "/"):
		return name + ".html"
	}
	return name
}

func (f file) serve(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", f.etag)
	if status == http.StatusOK && r.Header.Get("If-None-Match") == f.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if packed := f.gzip(); packed != nil {
			h.Set("Content-Encoding", "gzip")
			body = packed
		}
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		w.Write(body) // the reader may be gone; then nothing can be done
	}
}
