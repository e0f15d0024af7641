package main

import (
	"bytes"
	"iter"

	"era/runnable/kit/wsgi"
)

// missingClose passes the body on in capitals. It pulls the chunks, as next(iterable) does in Python. When the client
// leaves, its own loop ends, and the application stays where it was: in a yield that never returns, with its cursor.
// Its deferred calls never run, and the garbage collector does not collect a coroutine either.
func missingClose(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		return func(yield func([]byte) bool) {
			next, _ := iter.Pull(app(environ, startResponse)) // the mistake: stop is thrown away, and must be called
			for chunk, ok := next(); ok && yield(bytes.ToUpper(chunk)); chunk, ok = next() {
			}
		}
	}
}

// closing calls stop however its loop ends: the application's yield returns false, and its deferred calls run. A loop
// with "for chunk := range" does that by itself.
func closing(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		return func(yield func([]byte) bool) {
			next, stop := iter.Pull(app(environ, startResponse))
			defer stop()
			for chunk, ok := next(); ok && yield(bytes.ToUpper(chunk)); chunk, ok = next() {
			}
		}
	}
}
