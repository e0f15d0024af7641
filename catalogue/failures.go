package catalogue

import "strings"

// Mistakes that are made behind a gateway, and what cures them.
var (
	missingClose = ofRows("missing-close", "", "drops the application's body without closing it",
		"A middleware between a WSGI server and an application that holds a connection to the database until its body is closed: it forgets close.")
	closing = ofRows("closing", "missing-close", "",
		"The same middleware, which closes the application's body however its own loop ends.")
	halfForWhole = ofRows("half-for-whole", "", "ends a reply that broke off as if it were whole",
		"A WSGI application that fails in the middle of its body, and a reply that ends as if it had not.")
	wholeOrNothing = ofRows("whole-or-nothing", "half-for-whole", "",
		"The same application, and clients that are told: the connection is cut.")

	asgiBlocking = ofASGI("asgi-blocking-call", "", "blocking", "calls what blocks from a handler on the loop",
		"An ASGI handler with one call that blocks: while it waits, the loop stands still with everybody on it.")
	asgiInThread = ofASGI("asgi-in-thread", "asgi-blocking-call", "thread", "",
		"An ASGI handler that hands the call which blocks to a thread, and awaits that.")
)

// ofRows is a server of the folder rows.
func ofRows(id, cures, what, summary string) Server {
	return Server{
		ID: id, Folder: "wsgi/mistakes", Args: []string{"-mistake", id}, Mistake: what, Cure: cures, Title: titled(id), Year: 2003, Chapter: "wsgi",
		Summary: summary, Languages: []Language{Go, Python},
		Beside: map[Language][]string{Go: {"rows.go", "close.go", "failure.go"}, Python: {"../server.py"}},
		Kit:    map[Language][]string{Go: pooled[Go], Python: plain[Python]},
	}
}

// ofASGI is a server of the folder asgiblocking.
func ofASGI(id, cures, ask, what, summary string) Server {
	return Server{
		ID: id, Folder: "asgi/mistakes", Args: []string{"-ask", ask}, Mistake: what, Cure: cures, Title: titled(id), Year: 2018, Chapter: "asgi",
		Summary: summary, Languages: []Language{Go, Python},
		Beside: map[Language][]string{Python: {"../server.py", "../app.py", "../exchange.py", "../heads.py", "../websocket.py"}},
		Kit:    map[Language][]string{Go: append([]string{"aio/thread.go"}, asgiOnLoop...), Python: plain[Python]},
	}
}

// titled makes "Missing close" of "missing-close".
func titled(id string) string {
	title := strings.ReplaceAll(id, "-", " ")
	if rest, is := strings.CutPrefix(title, "asgi "); is {
		return "ASGI, " + rest
	}
	return strings.ToUpper(title[:1]) + title[1:]
}
