package catalogue

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
	Programs [][]Variant // by row, then by column
}

// Side is an application or a server, and the contract that it is written for.
type Side struct {
	Title    string
	Contract Contract
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

// Matrix is all of it. In Go, a program that holds an application runs it on any server: see runnable/kit/anyserver. In
// Python the book has no bridges.
func Matrix() []Grid {
	return []Grid{
		inGo(),
		inPython(WSGI, []string{"bottle", "flask", "django"}, "wsgiref", "gunicorn", "gunicorn-sync", "uwsgi"),
		inPython(ASGI, []string{"starlette", "fastapi", "quart"}, "asgi", "uvicorn", "hypercorn", "daphne"),
	}
}

func inGo() Grid {
	type app struct {
		Side
		folder, name string
	}
	apps := []app{
		{Side{"Bare WSGI", WSGI}, "gateways/anyserver", "wsgi"},
		{Side{"Small framework, micro", WSGI}, "gateways/framework", "micro"},
		{Side{"Bare ASGI", ASGI}, "gateways/anyserver", "asgi"},
		{Side{"Small framework, toolkit", ASGI}, "gateways/framework", "toolkit"},
		{Side{"http.Handler", NetHTTP}, "gateways/anyserver", "nethttp"},
		{Side{"chi", NetHTTP}, "gateways/chi", "chi"},
	}
	servers := []string{"threads", "workers", "loop", "goroutines", "nethttp"}
	grid := Grid{Language: Go, Servers: []Side{
		{"Threads", WSGI}, {"Worker processes", WSGI}, {"Event loop", ASGI}, {"Goroutines", ASGI}, {"Go’s http.Server", NetHTTP}}}
	for _, a := range apps {
		var row []Variant
		for _, server := range servers {
			row = append(row, Variant{Language: Go, Server: Server{
				ID: a.name + " on " + server, Folder: a.folder, Args: []string{"-app", a.name, "-server", server}, Languages: []Language{Go},
				Beside: map[Language][]string{Go: appFiles[a.folder]}, Kit: map[Language][]string{Go: everything},
			}})
		}
		grid.Apps, grid.Programs = append(grid.Apps, a.Side), append(grid.Programs, row)
	}
	return grid
}

var appFiles = map[string][]string{
	"gateways/anyserver": {"wsgi.go", "asgi.go"},
	"gateways/framework": siteFiles[Go],
}

// everything is what a program of the matrix stands on: all servers, and the bridges.
var everything = slices.Concat(microKit, toolkitKit, preforked[Go], asgiOnGoroutines, []string{"wsgi/bridge/app.go", "wsgi/bridge/handler.go",
	"asgi/bridge/app.go", "asgi/bridge/handler.go", "asgi/bridge/wsgi.go", "anyserver/plain/plain.go"})

// inPython is the application, bare and in frameworks, on servers that speak the contract. Both are of the catalogue, by
// their IDs; what is not on this machine has a cell that says so.
func inPython(contract Contract, frameworks []string, servers ...string) Grid {
	grid := Grid{Language: Python, Apps: []Side{{"Bare " + string(contract), contract}}, Programs: make([][]Variant, 1+len(frameworks))}
	for _, id := range frameworks {
		grid.Apps = append(grid.Apps, Side{python(id).Title, contract})
	}
	for _, id := range servers {
		server := python(id)
		grid.Servers = append(grid.Servers, Side{server.Title, contract})
		grid.Programs[0] = append(grid.Programs[0], Variant{server, Python})
		if own, is := hosts[id]; is {
			server = own
		}
		for i, framework := range frameworks {
			s := writtenIn(framework, server)
			s.ID = framework + " on " + id
			grid.Programs[1+i] = append(grid.Programs[1+i], Variant{s, Python})
		}
	}
	if contract == ASGI {
		grid.Servers[0].Title = "The book’s own"
	}
	return grid
}

// hosts are the servers of the book's that take the application of a framework, beside those that others wrote.
var hosts = map[string]Server{
	"wsgiref": onWSGI("wsgiref", "", 0, ""),
	"asgi": contestant("asgi", "", 0, "", "", nil,
		"../../asgi/server.py", "../../asgi/exchange.py", "../../asgi/heads.py", "../../asgi/websocket.py", "../../asgi/app.py"),
}

// python is a server of the catalogue, in Python.
func python(id string) Server {
	v, err := Find(id + "/" + string(Python))
	if err != nil {
		panic(err) // it is named above
	}
	return v.Server
}
