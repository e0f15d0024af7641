package main

import (
	"iter"
	"log"

	"era/runnable/kit/wsgi"
)

// halfForWhole hides failures from the server, so that no client ever sees one. But in the middle of a body it is too
// late for an error page: to the server the body is over, so it sends the chunk of length 0, which means just that, and
// the client takes half of the body for the whole.
func halfForWhole(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		return func(yield func([]byte) bool) {
			defer func() {
				if failure := recover(); failure != nil {
					log.Printf("%s: %v", environ.Text("PATH_INFO"), failure) // the mistake: it is logged only
				}
			}()
			for chunk := range app(environ, startResponse) {
				if !yield(chunk) {
					return
				}
			}
		}
	}
}

// wholeOrNothing logs the failure and lets it pass. The server cuts the connection without the last chunk, which is the
// only way left to inform the client.
func wholeOrNothing(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		return func(yield func([]byte) bool) {
			defer func() {
				if failure := recover(); failure != nil {
					log.Printf("%s: %v", environ.Text("PATH_INFO"), failure)
					panic(failure)
				}
			}()
			for chunk := range app(environ, startResponse) {
				if !yield(chunk) {
					return
				}
			}
		}
	}
}
