package catalogue

import "slices"

// Need is something that others wrote and that must be installed for a server: a module of Python, or a program.
type Need struct {
	Module  string
	Program string
	Ask     []string // arguments with which the program tells its version, and fails if a part of it is missing
	Tells   string   // what the version is of, where the program does not say
	// How to get it: the names of packages of Debian, of Homebrew, and of Python's own index. "" where there is none.
	Debian, Brew, Pip string
}

var nginx = Need{Program: "nginx", Ask: []string{"-v"}, Debian: "nginx", Brew: "nginx"}

var uwsgi = Need{Program: "uwsgi", Ask: []string{"--plugin", "python3", "--python-version"}, Tells: "its Python: ",
	Debian: "uwsgi uwsgi-plugin-python3", Brew: "uwsgi", Pip: "uwsgi"}

// apache is asked to check a configuration of nothing but its modules, where Debian has them. If all is well, it says so
// and not its version.
var apache = Need{Program: "apache2", Tells: "mod_wsgi can be loaded: ", Debian: "apache2 libapache2-mod-wsgi-py3", Ask: []string{
	"-t", "-f", "/dev/null", "-C", "ServerName localhost", "-C", "ErrorLog /dev/null",
	"-C", "LoadModule mpm_prefork_module " + apacheModules + "mod_mpm_prefork.so", "-C", "LoadModule wsgi_module " + apacheModules + "mod_wsgi.so",
}}

const apacheModules = "/usr/lib/apache2/modules/"

// uvicorn runs without uvloop and httptools as well, but is another server then.
var uvicorn = Need{Module: "uvicorn", Debian: "python3-uvicorn python3-uvloop python3-httptools", Pip: "'uvicorn[standard]'"}

// module is one whose packages are called as most are.
func module(name string) Need { return Need{Module: name, Debian: "python3-" + name, Pip: name} }

// Contestants are servers and frameworks that others wrote, on the same little application.
var contestants = []Server{
	gunicorn,
	onWSGI("gunicorn-sync", "Gunicorn, sync workers", 2010,
		"Gunicorn with the workers that it takes if not told otherwise, four of them: each has one connection, and closes it after one reply.", module("gunicorn")),
	onWSGI("uwsgi", "uWSGI", 2009, "uWSGI, one process with four threads below a master: a thread has a connection until the client leaves it.", uwsgi),
	chats(onUvicorn, module("websockets")), chats(hypercorn), daphne,
	framework("bottle", "Bottle", 2009, gunicorn, "The little application in Bottle, a framework in one file, on Gunicorn with four threads."),
	framework("flask", "Flask", 2010, gunicorn, "The little application in Flask, on Gunicorn with four threads."),
	framework("django", "Django", 2005, gunicorn, "The little application in Django, on Gunicorn with four threads."),
	framework("starlette", "Starlette", 2018, onUvicorn, "The little application in Starlette, on Uvicorn."),
	framework("fastapi", "FastAPI", 2018, onUvicorn, "The little application in FastAPI, on Uvicorn."),
	framework("quart", "Quart", 2017, hypercorn, "The little application in Quart, on Hypercorn."),
	aiohttp, node, behindNginx,
	byClient("httpx", 2019, "The ASGI application, which asks over HTTP with httpx: the question is awaited."),
	byClient("requests", 2011, "The ASGI application, which asks over HTTP with requests: each question takes a thread, as the call blocks."),
	configured("apache", "Apache with mod_wsgi", 1995,
		"Apache as it began: four processes, forked beforehand, and each is with one client until that leaves. mod_wsgi runs the application in them, on its own Python.",
		"apache.conf", apache),
	configured("nginx-uwsgi", "nginx before uWSGI", 2010,
		"uWSGI with four threads behind nginx, which waits for slow clients and asks in the protocol uwsgi: an environ, packed.",
		"nginx.conf", nginx, uwsgi),
}

var (
	gunicorn = onWSGI("gunicorn", "Gunicorn", 2010,
		"Gunicorn, one process with four threads: a thread has a request, and idle connections wait in a list.", module("gunicorn"))
	onUvicorn = onASGI("uvicorn", "Uvicorn", 2017, "Uvicorn, with uvloop and httptools where they are installed.", uvicorn)
	hypercorn = onASGI("hypercorn", "Hypercorn", 2018,
		"Hypercorn on asyncio: HTTP is read by h11, an implementation without input and output.", module("hypercorn"))
	aiohttp = contestant("aiohttp", "aiohttp", 2013, "gateways",
		"The little application in aiohttp, which is framework and server in one and has no gateway between them.",
		[]Need{module("aiohttp")}, "aiohttp_app.py", "../../asgi/app.py")
)

var daphne = func() Server {
	s := onASGI("daphne", "Daphne", 2016, "Daphne, the first server for ASGI. It stands on Twisted, which was there twelve years before asyncio.",
		Need{Module: "daphne", Debian: "daphne", Pip: "daphne"})
	s.Untraced = "Twisted takes a copy of the listener that it is handed, and a trace does not follow copies"
	return chats(s)
}()

// node goes by the language of the program that becomes it.
var node = func() Server {
	s := contestant("node", "Node.js", 2009, "callbacks", "The little application in JavaScript, with callbacks on libuv's loop. Node brings the parser for HTTP along.",
		[]Need{{Program: "node", Ask: []string{"--version"}, Debian: "nodejs", Brew: "node"}})
	s.Beside = map[Language][]string{Python: {"node.mjs"}}
	return s
}()

var behindNginx = Server{
	ID: "wsgi-nginx", Folder: "wsgi", Args: []string{"-model", "workers", "-front", "nginx"}, Title: "nginx before WSGI workers", Year: 2004,
	Chapter: "workers", Languages: []Language{Go}, Kit: preforked, Beside: map[Language][]string{Go: {"app.go", "nginx.go"}}, Needs: []Need{nginx},
	Summary:  "The four processes of wsgi-workers behind nginx: it waits for slow clients, and a worker meets only requests that are whole.",
	Untraced: wsgiWorkers.Untraced,
}

func onWSGI(id, title string, year int, summary string, needs ...Need) Server {
	s := contestant(id, title, year, "workers", summary, needs, "wsgi_app.py", "../../wsgi/server.py")
	s.Untraced = wsgiWorkers.Untraced
	return s
}

// configured is a server with a configuration of its own.
func configured(id, title string, year int, summary, file string, needs ...Need) Server {
	s := onWSGI(id, title, year, summary, needs...)
	s.Beside[Python] = append([]string{file}, s.Beside[Python]...)
	return s
}

func onASGI(id, title string, year int, summary string, needs ...Need) Server {
	return contestant(id, title, year, "asgi", summary, needs, "../../asgi/app.py")
}

// framework is the little application in one, on a server that its documentation names.
func framework(id, title string, year int, on Server, summary string) Server {
	s := writtenIn(id, on)
	s.ID, s.Title, s.Year, s.Chapter, s.Summary = id, title, year, "gateways", summary
	return s
}

// writtenIn is the server with the little application in a framework in place of the bare one.
func writtenIn(framework string, s Server) Server {
	s.Args = append(slices.Clip(s.Args), "-app", framework)
	s.Needs = append([]Need{module(framework)}, s.Needs...)
	s.Beside = map[Language][]string{Python: append([]string{framework + "_app.py"}, s.Beside[Python]...)}
	s.Chats = false
	return s
}

// byClient is the book's ASGI server, whose application asks its backend with a client that others wrote.
func byClient(client string, year int, summary string) Server {
	return Server{
		ID: client, Folder: "thirdparty/clients", Args: []string{"-client", client}, Title: client, Year: year, Chapter: "ecosystem", Summary: summary,
		Languages: []Language{Python}, Needs: []Need{module(client)},
		Beside: map[Language][]string{Python: {"../../asgi/app.py", "../../asgi/server.py"}}, Kit: map[Language][]string{Python: {"python/job.py"}},
	}
}

// chats is a server whose application is the bare one, with its room, if it has what it needs for that.
func chats(s Server, more ...Need) Server {
	s.Chats, s.Needs = true, append(slices.Clip(s.Needs), more...)
	return s
}

func contestant(id, title string, year int, chapter, summary string, needs []Need, beside ...string) Server {
	return Server{
		ID: id, Folder: "thirdparty/servers", Args: []string{"-run", id}, Title: title, Year: year, Chapter: chapter, Summary: summary,
		Languages: []Language{Python}, Needs: needs, Beside: map[Language][]string{Python: append(beside, "little.py")},
		Kit: map[Language][]string{Python: {"python/job.py"}},
	}
}
