// Package runnable is the catalogue of the book's servers: all that the lab and the site need to know about them.
// The servers themselves are programs in the folders below; kit holds the layers they stand on.
package runnable

import (
	"fmt"
	"slices"
	"strings"
)

// Language is one in which a server is written.
type Language string

// The languages of the book, in the order in which tabs show them.
const (
	Go     Language = "go"
	Python Language = "python"
	C      Language = "c"
)

// Server is one generation of the same server.
type Server struct {
	ID        string // folder below runnable, and the server's name everywhere
	Title     string
	Year      int    // when servers of this kind came up
	Chapter   string // the chapter of the book that explains it
	Summary   string // how it works, in one sentence
	Languages []Language
	// Kit are the files below runnable/kit that the program stands on and that a reader may want to see, by language.
	Kit map[Language][]string
	// Untraced says why no trace of its calls can be had; "" when it can.
	Untraced string
}

// Source is the server's own source file in the language, relative to the repository's root, with slashes.
func (s Server) Source(l Language) string {
	file := map[Language]string{Go: "main.go", Python: "server.py", C: "server.c"}[l]
	return "runnable/" + s.ID + "/" + file
}

// Sources are all files whose change makes a recorded run of the server stale: its own and its kit's.
func (s Server) Sources(l Language) []string {
	sources := []string{s.Source(l)}
	for _, file := range s.Kit[l] {
		sources = append(sources, "runnable/kit/"+file)
	}
	return sources
}

// Has tells whether the server is written in the language.
func (s Server) Has(l Language) bool {
	for _, have := range s.Languages {
		if have == l {
			return true
		}
	}
	return false
}

// Variant is a server in one language: what one runs.
type Variant struct {
	Server   Server
	Language Language
}

// String is the variant's name on the command line: "select" for Go, "select/python" otherwise.
func (v Variant) String() string {
	if v.Language == Go {
		return v.Server.ID
	}
	return v.Server.ID + "/" + string(v.Language)
}

// Find looks up a variant by the name that String gives; "select/go" is the same as "select".
func Find(name string) (Variant, error) {
	id, language, named := strings.Cut(name, "/")
	if !named {
		language = string(Go)
	}
	for _, s := range Servers {
		if s.ID != id {
			continue
		}
		if !s.Has(Language(language)) {
			return Variant{}, fmt.Errorf("server %q has no %q version; it has: %v", id, language, s.Languages)
		}
		return Variant{s, Language(language)}, nil
	}
	return Variant{}, fmt.Errorf("no server %q; there are: %s", id, strings.Join(ids(), ", "))
}

func ids() []string {
	var all []string
	for _, s := range Servers {
		all = append(all, s.ID)
	}
	return all
}

// What the servers stand on. The state machine is shared by all that never wait in a call for one client.
var (
	plain = map[Language][]string{
		Go:     {"job/job.go", "job/handle.go", "http1/http1.go"},
		Python: {"python/job.py", "python/http1.py"},
		C:      {"c/job.h", "c/http1.h"},
	}
	stepwise = map[Language][]string{
		Go:     {"job/job.go", "machine/machine.go", "http1/http1.go"},
		Python: {"python/job.py", "python/machine.py", "python/http1.py"},
		C:      {"c/job.h", "c/machine.h", "c/http1.h"},
	}
	listed = map[Language][]string{
		Go:     append([]string{"readiness/readiness.go", "readiness/epoll_linux.go"}, stepwise[Go]...),
		Python: stepwise[Python],
		C:      stepwise[C],
	}
	// On a list in the kernel, as above, but with the job in their own words.
	kernel     = []string{"readiness/readiness.go", "readiness/epoll_linux.go", "job/job.go", "http1/http1.go"}
	turns      = []string{"loop/loop.go", "loop/watch.go", "loop/timers.go", "loop/queue.go", "loop/wake.go"}
	reactor    = inOwnWords(turns)
	coroutines = inOwnWords([]string{"coro/coro.go", "coro/set.go"})
	awaiting   = inOwnWords([]string{"aio/aio.go", "aio/task.go", "aio/future.go", "aio/sock.go", "coro/coro.go", "coro/set.go"}, turns)
)

func inOwnWords(layers ...[]string) map[Language][]string {
	return map[Language][]string{
		Go:     slices.Concat(append(layers, kernel)...),
		Python: plain[Python],
	}
}

// Servers is the catalogue, in the order of the book.
var Servers = []Server{
	{
		ID: "blocking", Title: "Blocking", Year: 1983, Chapter: "blocking", Languages: []Language{Go, Python, C}, Kit: plain,
		Summary: "One thread, one connection at a time: every call waits until it is done.",
	},
	{
		ID: "threads", Title: "Thread per connection", Year: 1995, Chapter: "blocking", Languages: []Language{Go, Python, C}, Kit: plain,
		Summary: "The same blocking calls, each connection on an operating system thread of its own.",
	},
	{
		ID: "nonblocking", Title: "Non-blocking, polling", Year: 1983, Chapter: "nonblocking", Languages: []Language{Go, Python, C}, Kit: stepwise,
		Summary: "One thread asks every connection in turn, again and again, whether it has something.",
	},
	{
		ID: "select", Title: "select", Year: 1983, Chapter: "select", Languages: []Language{Go, Python, C}, Kit: stepwise,
		Summary: "One thread sleeps in select until a connection of its set is ready.",
	},
	{
		ID: "selectthreads", Title: "select and threads", Year: 1995, Chapter: "select", Languages: []Language{Go, Python}, Kit: plain,
		Summary: "select waits for clients, and a thread serves each: the article's listing, corrected.",
	},
	{
		ID: "poll", Title: "poll", Year: 1986, Chapter: "epoll", Languages: []Language{Go, Python, C}, Kit: stepwise,
		Summary: "One thread sleeps in poll, which is handed a list instead of bitmaps: any descriptor may be in it.",
	},
	{
		ID: "epoll", Title: "epoll", Year: 2002, Chapter: "epoll", Languages: []Language{Go, Python, C}, Kit: listed,
		Summary: "One thread sleeps until the kernel, which keeps the list, says what has happened. On macOS and BSD: kqueue.",
	},
	{
		ID: "callbacks", Title: "Callbacks", Year: 1995, Chapter: "select", Languages: []Language{Go, Python}, Kit: reactor,
		Summary: "One thread calls back whoever waited for what has happened: a reactor, a pattern that was published in 1995.",
	},
	{
		ID: "coroutine", Title: "Coroutines", Year: 2005, Chapter: "select", Languages: []Language{Go, Python}, Kit: coroutines,
		Summary: "Functions that stop in the middle and yield what they wait for; a scheduler resumes them (PEP 342, 2005).",
	},
	{
		ID: "asyncawait", Title: "async and await", Year: 2015, Chapter: "select", Languages: []Language{Go, Python}, Kit: awaiting,
		Summary: "A task per connection on one thread; each await lets the others have their turn (PEP 492, 2015).",
	},
	{
		ID: "goroutines", Title: "Goroutines", Year: 2009, Chapter: "select", Languages: []Language{Go},
		Kit:      map[Language][]string{Go: {"job/job.go", "http1/http1.go"}},
		Summary:  "A goroutine per connection, in blocking calls: Go's runtime parks it and waits in an event loop of its own.",
		Untraced: "Go's standard library and runtime make its calls, and leave no trace",
	},
}
