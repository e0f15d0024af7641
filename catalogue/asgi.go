package catalogue

// What the ASGI server stands on: the contract, and an engine below it.
var (
	contract = []string{"asgi/asgi.go", "asgi/server.go", "asgi/stop.go", "asgi/http.go", "asgi/response.go", "asgi/handshake.go", "asgi/websocket.go", "asgi/frames.go", "asgi/deflate.go", "asgi/lifespan.go",
		"asgi/engine.go", "asgi/stream.go", "http1/stream.go", "http1/rest.go"}
	asgiOnLoop       = append(append(contract, "asgi/loop.go", "aio/current.go"), streams...)
	asgiOnGoroutines = append(append([]string{}, contract...), "asgi/goroutines.go", "job/job.go", "http1/http1.go", "http1/head.go")
	asgiApp          = map[Language][]string{Go: {"app.go", "chat.go"}, Python: {"app.py", "exchange.py", "heads.py", "websocket.py", "deflate.py"}}
)

var asgiServer = Server{
	ID: "asgi", Title: "ASGI", Year: 2018, Chapter: "asgi", Languages: []Language{Go, Python},
	Chats: true, Beside: asgiApp, Kit: map[Language][]string{Go: asgiOnLoop, Python: plain[Python]},
	Summary: "An application of three arguments, scope, receive and send, on a server that it knows nothing of: a task for each call.",
}

var asgiGoroutines = Server{
	ID: "asgi-goroutines", Folder: "asgi", Args: []string{"-engine", "goroutines"}, Title: "ASGI on goroutines", Year: 2018, Chapter: "asgi",
	Languages: []Language{Go}, Chats: true, Beside: asgiApp, Kit: map[Language][]string{Go: asgiOnGoroutines},
	Summary:  "The same application, not a line of it changed, on goroutines.",
	Untraced: "Go's standard library and runtime make its calls, and leave no trace",
}
