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

// Grid is a part of the matrix: applications in the rows, servers in the columns, and in each cell a program to run.
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

// Bridges returns how many bridges are between an application and a server. WSGI can wait only by blocking a thread, so
// an application that waits in ASGI's way reaches it over net/http.
func Bridges(app, server Contract) int {
	switch {
	case app == server:
		return 0
	case app == ASGI && server == WSGI:
		return 2
	}
	return 1
}

// Matrix returns all grids. In Go, a program with an application runs it on any server: see runnable/kit/anyserver. In
// Python the book has no bridges.
func Matrix() []Grid {
	return []Grid{
		inGo(),
		inPython(WSGI, []string{"wsgiref", "gunicorn", "gunicorn-sync", "uwsgi"}, []string{"bottle", "flask", "django"}),
		inPython(ASGI, []string{"asgi", "uvicorn", "hypercorn", "daphne"}, []string{"starlette", "fastapi", "quart"}),
	}
}

// goServers are those that every program in goApps can be told to use, by -server.
var goServers = []struct {
	Side
	name string
}{
	{Side{"Threads", WSGI}, "threads"},
	{Side{"Worker processes", WSGI}, "workers"},
	{Side{"Event loop", ASGI}, "loop"},
	{Side{"Goroutines", ASGI}, "goroutines"},
	{Side{"Go’s http.Server", NetHTTP}, "nethttp"},
}

// goApps are applications, by -app of the program in the folder.
var goApps = []struct {
	Side
	folder, name string
}{
	{Side{"Bare WSGI", WSGI}, "gateways/anyserver", "wsgi"},
	{Side{"Small framework, micro", WSGI}, "gateways/framework", "micro"},
	{Side{"Bare ASGI", ASGI}, "gateways/anyserver", "asgi"},
	{Side{"Small framework, toolkit", ASGI}, "gateways/framework", "toolkit"},
	{Side{"http.Handler", NetHTTP}, "gateways/anyserver", "nethttp"},
	{Side{"chi", NetHTTP}, "gateways/chi", "chi"},
}

func inGo() Grid {
	grid := Grid{Language: Go}
	for _, s := range goServers {
		grid.Servers = append(grid.Servers, s.Side)
	}
	for _, app := range goApps {
		var row []Variant
		for _, s := range goServers {
			row = append(row, Variant{Language: Go, Server: Server{ID: app.name + " on " + s.name, Folder: app.folder,
				Args: []string{"-app", app.name, "-server", s.name}, Languages: []Language{Go}}})
		}
		grid.Apps, grid.Programs = append(grid.Apps, app.Side), append(grid.Programs, row)
	}
	return grid
}

// inPython is the application, bare and in frameworks, on servers that speak the contract. Both are in the catalogue,
// by their IDs; what is not installed on this machine has a cell that says so.
func inPython(contract Contract, servers, frameworks []string) Grid {
	grid := Grid{Language: Python, Apps: []Side{{"Bare " + string(contract), contract}}}
	grid.Programs = make([][]Variant, 1+len(frameworks))
	for _, framework := range frameworks {
		grid.Apps = append(grid.Apps, Side{python(framework).Title, contract})
	}
	for _, id := range servers {
		server := python(id)
		grid.Servers = append(grid.Servers, Side{server.Title, contract})
		grid.Programs[0] = append(grid.Programs[0], Variant{server, Python})
		for i, framework := range frameworks {
			grid.Programs[1+i] = append(grid.Programs[1+i], Variant{on(server, framework), Python})
		}
	}
	if contract == ASGI {
		grid.Servers[0].Title = "The book’s own"
	}
	return grid
}

// on returns a server that has an application in a framework. The program that starts third-party servers also puts the
// framework's applications on the book's own servers.
func on(server Server, framework string) Server {
	needs := python(framework).Needs[:1] // without those of its usual server
	if server.Folder == thirdParty {
		needs = slices.Concat(needs, server.Needs)
	}
	return Server{ID: framework + " on " + server.ID, Folder: thirdParty,
		Args:      []string{"-run", server.ID, "-app", framework},
		Languages: []Language{Python}, Needs: needs, Untraced: server.Untraced}
}

const thirdParty = "thirdparty/servers"

// python is a server of the catalogue, in Python.
func python(id string) Server {
	v, err := Find(id + "/" + string(Python))
	if err != nil {
		panic(err) // it is named above
	}
	return v.Server
}
