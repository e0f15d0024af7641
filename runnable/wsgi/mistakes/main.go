// A WSGI application that sends the rows of a database as they come, and four ways to run it: two mistakes and their
// remedies; -mistake selects.
//
//	rows.go     the application, and the few connections that its database allows
//	close.go    a middleware that does not close the application's body, and one that does
//	failure.go  a failure in the middle of a body that is hidden from the client, and one that is not
package main

import (
	"flag"
	"log"
	"maps"
	"slices"
	"strings"

	"era/runnable/kit/job"
	"era/runnable/kit/wsgi"
)

// middlewares stand between the server and the application.
var middlewares = map[string]func(wsgi.App) wsgi.App{
	"missing-close":    missingClose,
	"closing":          closing,
	"half-for-whole":   halfForWhole,
	"whole-or-nothing": wholeOrNothing,
}

func main() {
	mistake := flag.String("mistake", "", "`name` of the server: see this folder's files")
	addr, backend := job.Flags()
	middleware, known := middlewares[*mistake]
	if !known {
		log.Fatalf("-mistake %q: want one of %s", *mistake, strings.Join(slices.Sorted(maps.Keys(middlewares)), ", "))
	}
	server := &wsgi.Threads{App: middleware(application(newDatabase(backend))), N: 16}
	if err := server.Serve(job.Listen(addr)); err != nil {
		log.Fatal(err)
	}
}
