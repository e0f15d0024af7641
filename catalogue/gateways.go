package catalogue

// The gateway interfaces: a server, and an application that fits any server of its kind.
var (
	gateway = map[Language][]string{Go: {"wsgi/wsgi.go", "wsgi/environ.go", "wsgi/conn.go", "wsgi/reply.go", "http1/head.go",
		"http1/stream.go", "http1/http1.go", "job/job.go", "job/handle.go"}}
	pooled    = map[Language][]string{Go: append([]string{"wsgi/threads.go", "wsgi/queue.go", "readiness/once_linux.go"}, gateway[Go]...)}
	preforked = map[Language][]string{Go: append([]string{"wsgi/workers.go", "wsgi/work.go"}, gateway[Go]...)}
)

var application = map[Language][]string{Go: {"app.go"}}

var wsgiThreads = Server{
	ID: "wsgi", Title: "WSGI, a pool of threads", Year: 2003, Chapter: "wsgi", Languages: []Language{Go}, Kit: pooled, Beside: application,
	Summary: "An application behind PEP 3333: four threads share the requests, and idle connections wait together in the kernel's list.",
}

var wsgiWorkers = Server{
	ID: "wsgi-workers", Folder: "wsgi", Args: []string{"-model", "workers"}, Title: "WSGI, worker processes", Year: 2003, Chapter: "workers",
	Languages: []Language{Go}, Kit: preforked, Beside: application,
	Summary:  "The same application in four processes, each with one request at a time; a supervisor replaces who crashes or hangs.",
	Untraced: "its calls are made by several processes, and a trace is of one",
}

var wsgiref = Server{
	ID: "wsgiref", Folder: "wsgi", Title: "wsgiref", Year: 2003, Chapter: "wsgi", Languages: []Language{Python}, Needs: []Need{{Module: "wsgiref", Debian: "python3", Brew: "python"}},
	Kit:     map[Language][]string{Python: plain[Python]},
	Summary: "Python's own reference server for WSGI, which came with 2.5 in 2006, with a thread for each client.",
}
