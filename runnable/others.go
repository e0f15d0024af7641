package runnable

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

// uvicorn runs without uvloop and httptools as well, but is another server then.
var uvicorn = Need{Module: "uvicorn", Debian: "python3-uvicorn python3-uvloop python3-httptools", Pip: "'uvicorn[standard]'"}

// module is one whose packages are called as most are.
func module(name string) Need { return Need{Module: name, Debian: "python3-" + name, Pip: name} }

// Contestants are servers and frameworks that others wrote, on the same little application.
var contestants = []Server{
	onWSGI("gunicorn", "Gunicorn", 2010, "workers", "Gunicorn, one process with four threads: a thread has a request, and idle connections wait in a list.", module("gunicorn")),
	onWSGI("gunicorn-sync", "Gunicorn, sync workers", 2010, "workers",
		"Gunicorn as it is out of the box, with four processes: each has one connection, and closes it after one reply.", module("gunicorn")),
	onWSGI("uwsgi", "uWSGI", 2009, "workers", "uWSGI, one process with four threads below a master: a thread has a connection until the client leaves it.", uwsgi),
	chats(onASGI("uvicorn", "Uvicorn", 2017, "Uvicorn, with uvloop and httptools where they are installed.", uvicorn, module("websockets"))),
	chats(onASGI("hypercorn", "Hypercorn", 2018, "Hypercorn on asyncio: HTTP is read by h11, an implementation without input and output.", module("hypercorn"))),
	daphne,
	onWSGI("flask", "Flask", 2010, "wsgi", "The little application in Flask, on Gunicorn with four threads.", module("flask"), module("gunicorn")),
	onWSGI("django", "Django", 2005, "wsgi", "The little application in Django, on Gunicorn with four threads.", module("django"), module("gunicorn")),
	onASGI("starlette", "Starlette", 2018, "The little application in Starlette, on Uvicorn.", module("starlette"), uvicorn),
	onASGI("fastapi", "FastAPI", 2018, "The little application in FastAPI, on Uvicorn.", module("fastapi"), uvicorn),
	onASGI("quart", "Quart", 2017, "The little application in Quart, on Hypercorn.", module("quart"), module("hypercorn")),
	onASGI("aiohttp", "aiohttp", 2013, "The little application in aiohttp, which is framework and server in one and has no gateway between them.", module("aiohttp")),
	behindNginx,
}

var daphne = func() Server {
	s := onASGI("daphne", "Daphne", 2016, "Daphne, the first server for ASGI. It stands on Twisted, which was there twelve years before asyncio.",
		Need{Module: "daphne", Debian: "daphne", Pip: "daphne"})
	s.Untraced = "Twisted takes a copy of the listener that it is handed, and a trace does not follow copies"
	return chats(s)
}()

var behindNginx = Server{
	ID: "wsgi-nginx", Folder: "wsgi", Args: []string{"-model", "workers", "-front", "nginx"}, Title: "nginx before WSGI workers", Year: 2004,
	Chapter: "workers", Languages: []Language{Go}, Kit: preforked, Beside: map[Language][]string{Go: {"app.go", "nginx.go"}}, Needs: []Need{nginx},
	Summary:  "The four processes of wsgi-workers behind nginx: it waits for slow clients, and a worker meets only requests that are whole.",
	Untraced: wsgiWorkers.Untraced,
}

func onWSGI(id, title string, year int, chapter, summary string, needs ...Need) Server {
	s := contestant(id, title, year, chapter, summary, needs, "wsgi_app.py", "../wsgi/server.py")
	s.Untraced = wsgiWorkers.Untraced
	return s
}

func onASGI(id, title string, year int, summary string, needs ...Need) Server {
	return contestant(id, title, year, "asgi", summary, needs, "../asgi/app.py")
}

// chats is a server whose application is the bare one, with its room.
func chats(s Server) Server {
	s.Chats = true
	return s
}

func contestant(id, title string, year int, chapter, summary string, needs []Need, beside ...string) Server {
	return Server{
		ID: id, Folder: "contestants", Args: []string{"-run", id}, Title: title, Year: year, Chapter: chapter, Summary: summary,
		Languages: []Language{Python}, Needs: needs, Beside: map[Language][]string{Python: append(beside, "little.py")},
		Kit: map[Language][]string{Python: {"python/job.py"}},
	}
}
