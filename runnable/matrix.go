package runnable

import "slices"

// Contract is what an application and a server agree on.
type Contract string

// The contracts.
const (
	WSGI    Contract = "WSGI"
	ASGI    Contract = "ASGI"
	NetHTTP Contract = "net/http"
)

// Grid is a part of the matrix: applications in the rows, servers across, and where they meet a program that one can run.
type Grid struct {
	Language Language
	Servers  []Side
	Apps     []Side
	Programs [][]Meeting // by row, then by column
}

// Side is an application or a server, and the contract that it is written for.
type Side struct {
	Title    string
	Contract Contract
}

// Meeting is one application on one server.
type Meeting struct {
	Variant Variant
	Missing string // why there is none
}

// Bridges is how many stand between an application and a server. WSGI knows nothing to wait with but a thread, so what
// waits in ASGI's way comes to it over net/http.
func Bridges(app, server Contract) int {
	switch {
	case app == server:
		return 0
	case app == ASGI && server == WSGI:
		return 2
	}
	return 1
}

// Matrix is all of it. One program runs any application on any server: see runnable/kit/anyserver. In Python there are no
// bridges in the book, and every meeting is a server of the catalogue.
func Matrix() []Grid { return []Grid{inGo(), inPython()} }

func inGo() Grid {
	type app struct {
		Side
		folder, name string
	}
	apps := []app{
		{Side{"Bare WSGI", WSGI}, "anyserver", "wsgi"},
		{Side{"Small framework, micro", WSGI}, "framework", "micro"},
		{Side{"Bare ASGI", ASGI}, "anyserver", "asgi"},
		{Side{"Small framework, toolkit", ASGI}, "framework", "toolkit"},
		{Side{"http.Handler", NetHTTP}, "anyserver", "nethttp"},
		{Side{"chi", NetHTTP}, "anyserver", "chi"},
	}
	servers := []string{"threads", "workers", "loop", "goroutines", "nethttp"}
	grid := Grid{Language: Go, Servers: []Side{
		{"Threads", WSGI}, {"Worker processes", WSGI}, {"Event loop", ASGI}, {"Goroutines", ASGI}, {"Go’s http.Server", NetHTTP}}}
	for _, a := range apps {
		var row []Meeting
		for _, server := range servers {
			row = append(row, Meeting{Variant: Variant{Language: Go, Server: Server{
				ID: a.name + " on " + server, Folder: a.folder, Args: []string{"-app", a.name, "-server", server}, Languages: []Language{Go},
				Beside: map[Language][]string{Go: appFiles[a.folder]}, Kit: map[Language][]string{Go: everything},
			}}})
		}
		grid.Apps, grid.Programs = append(grid.Apps, a.Side), append(grid.Programs, row)
	}
	return grid
}

var appFiles = map[string][]string{
	"anyserver": {"wsgi.go", "asgi.go", "nethttp.go"},
	"framework": siteFiles[Go],
}

// everything is what a program of the matrix stands on: all servers, and the bridges.
var everything = slices.Concat(microKit, toolkitKit, preforked[Go], asgiOnGoroutines, []string{"wsgi/bridge/app.go", "wsgi/bridge/handler.go",
	"asgi/bridge/app.go", "asgi/bridge/handler.go", "asgi/bridge/wsgi.go"})

func inPython() Grid {
	return python(
		[]Side{{"wsgiref", WSGI}, {"The book’s own", ASGI}},
		[]Side{{"Bare WSGI", WSGI}, {"Bare ASGI", ASGI}},
		[][]string{
			{"wsgiref", ""},
			{"", "asgi"},
		})
}

// python makes a grid of servers of the catalogue, by their IDs; "" where two do not meet.
func python(servers, apps []Side, ids [][]string) Grid {
	grid := Grid{Language: Python, Servers: servers, Apps: apps}
	for i, row := range ids {
		var meetings []Meeting
		for j, id := range row {
			v, err := Find(id + "/" + string(Python))
			switch {
			case id == "" && apps[i].Contract != servers[j].Contract:
				meetings = append(meetings, Meeting{Missing: "it speaks " + string(servers[j].Contract) + " only"})
			case id == "":
				meetings = append(meetings, Meeting{Missing: "not in the book"})
			case err != nil:
				panic(err) // of our own making
			default:
				meetings = append(meetings, Meeting{Variant: v})
			}
		}
		grid.Programs = append(grid.Programs, meetings)
	}
	return grid
}
