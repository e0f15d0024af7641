package main

import (
	"iter"
	"log"

	"era/runnable/kit/wsgi"
)

// halfForWhole keeps failures from the server, so that no client ever sees one. But for one in the middle of a body it
// is too late to say anything else: the server is told that the body is over, sends the chunk of length 0 which means just
// that, and the client has every reason to believe it.
func halfForWhole(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		return func(yield func([]byte) bool) {
			defer func() {
				if failure := recover(); failure != nil {
					log.Printf("%s: %v", environ.Text("PATH_INFO"), failure) // the mistake: written down, and over
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

// wholeOrNothing writes it down and lets it pass. The server cuts the connection without the last chunk, which is the one
// way left to tell the client.
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
