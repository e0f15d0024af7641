package catalogue

import "slices"

// What a site in one of the small frameworks is made of. A program that runs any application on any server has all of
// both gateways in it; what matters to a run is what the application and its server stand on.
var (
	siteFiles  = map[Language][]string{Go: {"micro.go", "toolkit.go", "shelf.go", "work.go"}}
	anyServer  = []string{"anyserver/anyserver.go", "anyserver/serve.go", "route/route.go"}
	microKit   = slices.Concat([]string{"wsgi/micro/micro.go", "wsgi/micro/message.go"}, anyServer, pooled[Go])
	toolkitKit = slices.Concat([]string{"asgi/toolkit/toolkit.go", "asgi/toolkit/message.go"}, anyServer, asgiOnLoop)
)

var microSite = Server{
	ID: "micro", Folder: "gateways/framework", Args: []string{"-app", "micro", "-server", "threads"}, Title: "A small framework on WSGI", Year: 2010,
	Chapter: "gateways", Languages: []Language{Go}, Beside: siteFiles, Kit: map[Language][]string{Go: microKit},
	Summary: "Routes, views, templates and pages for errors, on nothing but the contract, as in Flask.",
}

var toolkitSite = Server{
	ID: "toolkit", Folder: "gateways/framework", Args: []string{"-app", "toolkit", "-server", "loop"}, Title: "A small framework on ASGI", Year: 2018,
	Chapter: "gateways", Languages: []Language{Go}, Beside: siteFiles, Kit: map[Language][]string{Go: toolkitKit},
	Summary: "The same site with endpoints that may wait, as in Starlette.",
}

var bridgedSite = Server{
	ID: "micro-bridged", Folder: "gateways/framework", Args: []string{"-app", "micro", "-server", "loop"}, Title: "WSGI on an ASGI server, over a bridge",
	Year: 2019, Chapter: "gateways", Languages: []Language{Go}, Beside: siteFiles, Bridged: true,
	Kit:     map[Language][]string{Go: slices.Concat([]string{"asgi/bridge/wsgi.go"}, microKit, asgiOnLoop)},
	Summary: "The site that was written for WSGI on the event loop of ASGI: the bridge runs each request on a thread of a small pool.",
}
