package catalogue

import "strings"

// What applications and middlewares can do wrong, each beside the one that does it right.
var (
	collecting = gatewayMistake("collecting", "collecting.go", "", "collects a body that comes in pieces before it passes on the first",
		"WSGI with a middleware that collects the body: the client has nothing until the last piece is made.")
	passingOn = gatewayMistake("passing-on", "collecting.go", "collecting", "",
		"WSGI with a middleware that passes each piece on as it comes.")
	queueing = gatewayMistake("queueing", "queueing.go", "", "puts what the application sends into a queue without end",
		"ASGI with a middleware that queues what the application sends: a client who does not read fills the memory.")
	awaitingSend = gatewayMistake("awaiting-send", "queueing.go", "queueing", "",
		"ASGI with a middleware that awaits send: a client who does not read holds the application.")
	inTurn = gatewayMistake("in-turn", "inturn.go", "", "sends to the members of a room one after the other",
		"ASGI with a chat room that sends to each member in turn: one who does not read silences all.")
)

// gatewayMistake is a server of the folder gateway-mistakes: one that makes it, or the cure of another.
func gatewayMistake(id, file, cures, what, summary string) Server {
	s := Server{
		ID: id, Folder: "websocket/mistakes", Args: []string{"-mistake", id}, Mistake: what, Cure: cures,
		Title: strings.ToUpper(id[:1]) + strings.ReplaceAll(id[1:], "-", " "), Year: 2018, Chapter: "websocket", Summary: summary,
		Languages: []Language{Go, Python}, Kit: map[Language][]string{Go: asgiOnLoop, Python: plain[Python]},
		Beside: map[Language][]string{Go: {file}, Python: {"../../asgi/server.py", "../../asgi/exchange.py", "../../asgi/heads.py", "../../asgi/websocket.py"}},
		Chats:  id == "in-turn",
	}
	if file == "collecting.go" {
		s.Year, s.Chapter, s.Beside[Python] = 2003, "wsgi", []string{"../../wsgi/server.py"}
		s.Kit = map[Language][]string{Go: pooled[Go], Python: plain[Python]}
	}
	return s
}
