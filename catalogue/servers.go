package catalogue

import (
	"slices"
	"strings"
)

// What the servers stand on. The state machine is shared by all that never wait in a call for one client.
var (
	plain = map[Language][]string{
		Go:     {"job/job.go", "job/handle.go", "http1/http1.go", "http1/head.go"},
		Python: {"python/job.py", "python/http1.py"},
		C:      {"c/job.h", "c/http1.h"},
	}
	stepwise = map[Language][]string{
		Go:     {"job/job.go", "machine/machine.go", "http1/http1.go", "http1/head.go"},
		Python: {"python/job.py", "python/machine.py", "python/http1.py"},
		C:      {"c/job.h", "c/machine.h", "c/http1.h"},
	}
	listed = map[Language][]string{
		Go:     append([]string{"readiness/readiness.go", "readiness/epoll_linux.go"}, stepwise[Go]...),
		Python: stepwise[Python],
		C:      stepwise[C],
	}
	edges = map[Language][]string{Go: {"edge.go"}, Python: {"edge.py"}} // the epoll server's knob
	// On a list in the kernel, as above, but with the job in their own words.
	kernel     = []string{"readiness/readiness.go", "readiness/lazy_unix.go", "readiness/epoll_linux.go", "job/job.go", "http1/http1.go", "http1/head.go"}
	turns      = []string{"loop/loop.go", "loop/watch.go", "loop/timers.go", "loop/queue.go", "loop/wake.go", "loop/trace.go"}
	reactor    = inOwnWords(turns)
	coroutines = inOwnWords([]string{"coro/coro.go", "coro/set.go"})
	awaiting   = inOwnWords([]string{"aio/aio.go", "aio/task.go", "aio/future.go", "aio/sock.go", "coro/coro.go", "coro/set.go"}, turns)
)

// What the mistakes stand on.
var besides = map[Language][]string{
	Go: slices.Concat(awaiting[Go], []string{"job/handle.go", "aio/gather.go", "aio/group.go", "aio/timeout.go", "aio/thread.go",
		"aio/stream.go", "aio/writer.go"}),
	Python: awaiting[Python],
}

func inOwnWords(layers ...[]string) map[Language][]string {
	return map[Language][]string{
		Go:     slices.Concat(append(layers, kernel)...),
		Python: plain[Python],
	}
}

// Servers is the catalogue, in the order of the book; at its end are those of others.
var Servers = append([]Server{
	{
		ID: "blocking", Title: "Blocking", Year: 1983, Chapter: "blocking", Languages: []Language{Go, Python, C}, Kit: plain,
		Summary: "One thread, one connection at a time: every call waits until it is done.",
	},
	{
		ID: "threads", Folder: "blocking/threads", Title: "Thread per connection", Year: 1995, Chapter: "blocking", Languages: []Language{Go, Python, C}, Kit: plain,
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
		ID: "selectthreads", Folder: "select/threads", Title: "select and threads", Year: 1995, Chapter: "select", Languages: []Language{Go, Python}, Kit: plain,
		Summary: "select waits for clients, and a thread serves each: the article's listing, corrected.",
	},
	{
		ID: "poll", Folder: "epoll/poll", Title: "poll", Year: 1986, Chapter: "epoll", Languages: []Language{Go, Python, C}, Kit: stepwise,
		Summary: "One thread sleeps in poll, which is handed a list instead of bitmaps: any descriptor may be in it.",
	},
	{
		ID: "epoll", Title: "epoll", Year: 2002, Chapter: "epoll", Languages: []Language{Go, Python, C}, Kit: listed, Beside: edges,
		OnLinux: []Language{C},
		Summary: "One thread sleeps until the kernel, which keeps the list, says what has happened. On macOS and BSD: kqueue.",
	},
	{
		ID: "epoll-edge-once", Title: "epoll, edge, one read", Year: 2002, Chapter: "epoll", Languages: []Language{Go, Python},
		Kit: listed, Folder: "epoll", Beside: edges, Args: []string{"-edge", "once"}, OnLinux: []Language{Python},
		Summary: "The kernel reports changes only, and the program reads once for each: what is left lies there unseen.",
		Mistake: "reads once for each event, and is never told of what is left",
	},
	{
		ID: "epoll-edge-drain", Title: "epoll, edge, until EAGAIN", Year: 2002, Chapter: "epoll", Languages: []Language{Go, Python},
		Kit: listed, Folder: "epoll", Beside: edges, Args: []string{"-edge", "drain"}, OnLinux: []Language{Python},
		Summary: "Reads each connection until nothing is left, as the edge demands: whoever never stops talking is alone with it.",
		Mistake: "reads until EAGAIN, however long that takes: one client who never stops starves the others",
	},
	{
		ID: "epoll-edge", Title: "epoll, edge, in turns", Year: 2002, Chapter: "epoll", Languages: []Language{Go, Python},
		Kit: listed, Folder: "epoll", Beside: edges, Args: []string{"-edge", "fair"}, OnLinux: []Language{Python},
		Summary: "Reads until nothing is left, but two reads at a time: it keeps a list of its own of who has more.",
	},
	{
		ID: "callbacks", Title: "Callbacks", Year: 1995, Chapter: "callbacks", Languages: []Language{Go, Python}, Kit: reactor,
		Summary: "One thread calls back whoever waited for what has happened: a reactor, a pattern that was published in 1995.",
	},
	{
		ID: "coroutine", Folder: "coroutines", Title: "Coroutines", Year: 2005, Chapter: "coroutines", Languages: []Language{Go, Python}, Kit: coroutines,
		Summary: "Functions that stop in the middle and yield what they wait for; a scheduler resumes them (PEP 342, 2005).",
	},
	tcpServer, udpServer, httpServer, mailServer, tornado,
	{
		ID: "asyncawait", Title: "async and await", Year: 2015, Chapter: "asyncawait", Languages: []Language{Go, Python}, Kit: awaiting,
		Summary: "A task per connection on one thread; each await lets the others have their turn (PEP 492, 2015).",
	},
	{
		ID: "goroutines", Title: "Goroutines", Year: 2009, Chapter: "goroutines", Languages: []Language{Go},
		Kit:      map[Language][]string{Go: {"job/job.go", "http1/http1.go", "http1/head.go"}},
		Summary:  "A goroutine per connection, in blocking calls: Go's runtime parks it and waits in an event loop of its own.",
		Untraced: "Go's standard library and runtime make its calls, and leave no trace",
	},
	httpClient, httpClient200, redisClient, redisClient200, wsgiThreads, wsgiWorkers, wsgiref,
	missingClose, closing, halfForWhole, wholeOrNothing, asgiBlocking, asgiInThread,
	mistake("blocking-call", "", "asks the backend in a call that blocks, inside the loop",
		"async and await with one call that blocks: while it waits, the loop stands still."),
	mistake("blocking-in-thread", "blocking-call", "",
		"async and await with a call that blocks, made on a thread of its own, which the task awaits."),
	mistake("forgotten-await", "", "does not await the answer that it asks for",
		"async and await with one await forgotten: the reply goes out without its answer."),
	mistake("no-drain", "", "writes without waiting until the client takes what it writes",
		"async and await on streams, without drain: what a client does not read piles up in memory."),
	mistake("with-drain", "no-drain", "",
		"async and await on streams, with drain: while a client does not read, none of its requests is read."),
	mistake("gather", "", "lets questions run on when the request has failed already",
		"async and await: several questions at once, gathered. When one fails, the others run on."),
	mistake("task-group", "gather", "",
		"async and await: several questions at once, in a task group. When one fails, the others are cancelled."),
	mistake("swallowed-timeout", "", "takes the cancellation of its timeout for an error of the backend, and tries again",
		"async and await with a timeout of 100 ms, whose cancellation is swallowed below it."),
	mistake("kept-timeout", "swallowed-timeout", "",
		"async and await with a timeout of 100 ms around the question."),
	asgiServer, asgiGoroutines, microSite, toolkitSite, bridgedSite,
	collecting, passingOn, queueing, awaitingSend, inTurn,
}, contestants...)

// mistake is a server of the folder mistakes: one that makes it, or the cure of another.
func mistake(id, cures, what, summary string) Server {
	title := strings.ToUpper(id[:1]) + strings.ReplaceAll(id[1:], "-", " ")
	return Server{
		ID: id, Folder: "asyncawait/mistakes", Args: []string{"-mistake", id}, Mistake: what, Cure: cures, Title: title, Year: 2015,
		Chapter: "asyncawait", Summary: summary, Languages: []Language{Go, Python}, Kit: besides,
		Beside: map[Language][]string{Go: {"blocking.go", "forgotten.go", "fanout.go", "timeout.go", "drain.go"}},
	}
}
