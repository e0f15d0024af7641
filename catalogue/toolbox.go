package catalogue

// Tornado's toolbox stands on streams: tasks with buffers on both ways.
var (
	streams   = append([]string{"aio/stream.go", "aio/writer.go"}, awaiting[Go]...)
	deliver   = map[Language][]string{Go: append([]string{"smtp/smtp.go", "smtp/command.go"}, streams...), Python: {"python/job.py"}}
	serveHTTP = map[Language][]string{Go: append([]string{"httpserver/httpserver.go"}, streams...), Python: plain[Python]}
)

var tcpServer = Server{
	ID: "tcpserver", Folder: "tornado/tcpserver", Title: "TCP server", Year: 2009, Chapter: "tornado", Languages: []Language{Go, Python}, Speaks: Echo,
	Kit:     map[Language][]string{Go: streams, Python: {"python/job.py"}},
	Summary: "Lines come back as they went: Tornado's shape of a TCP server, a coroutine with a stream for each client.",
}

var udpServer = Server{
	ID: "udpserver", Folder: "tornado/udpserver", Title: "UDP server", Year: 2009, Chapter: "tornado", Languages: []Language{Go, Python}, Speaks: Datagrams,
	Kit:     map[Language][]string{Go: append([]string{"aio/datagram.go"}, awaiting[Go]...), Python: {"python/job.py"}},
	Summary: "Datagrams go back to their senders: one socket for all, nothing to accept, and nobody is told what is lost.",
}

var httpServer = Server{
	ID: "httpserver", Folder: "tornado/httpserver", Title: "HTTP server of a toolbox", Year: 2009, Chapter: "tornado", Languages: []Language{Go, Python}, Kit: serveHTTP,
	Summary: "What Tornado's users got in 2009: a library keeps the connections, and a handler that may wait writes the answers.",
}

var mailServer = Server{
	ID: "mailserver", Folder: "tornado/mailserver", Title: "Mail server", Year: 2009, Chapter: "tornado", Languages: []Language{Go, Python}, Speaks: Mail,
	Kit: deliver, Beside: map[Language][]string{Go: {"show.go"}},
	Summary: "SMTP in Tornado's style: a task for each client, and a protocol that knows nothing of waiting. Mail programs deliver into it.",
}

var tornado = Server{
	ID: "tornado", Title: "Tornado itself", Year: 2009, Chapter: "tornado", Languages: []Language{Python}, Needs: []Need{module("tornado")},
	Kit:     map[Language][]string{Python: {"python/job.py"}},
	Summary: "The real Tornado, as its users write it. Its loop is asyncio's today; its HTTP and its streams are its own.",
}
