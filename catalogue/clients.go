package catalogue

// What the article's clients stand on: streams, a line to wait in, and the client itself.
var (
	inLine = append([]string{"aio/semaphore.go"}, streams...)
	asking = map[Language][]string{Python: plain[Python], Go: append([]string{
		"httpclient/tornado.go", "httpclient/pool.go", "httpclient/send.go", "httpclient/conn.go", "httpclient/request.go",
		"httpclient/reply.go", "httpclient/body.go", "httpclient/response.go",
	}, inLine...)}
	database = map[Language][]string{Go: append([]string{
		"redis/redis.go", "redis/pool.go", "redis/conn.go", "redis/state.go", "redis/resp.go", "backend/answer.go",
	}, inLine...)}
)

var httpClient = Server{
	ID: "httpclient", Folder: "tornado/httpclient", Title: "HTTP client, ten at a time", Year: 2009, Chapter: "tornado", Languages: []Language{Go, Python},
	Beside: map[Language][]string{Go: {"fetch.go"}}, Kit: asking,
	Summary: "Async and await, and the backend is asked over HTTP as by Tornado's client: ten requests at a time, the others in line.",
}

var httpClient200 = Server{
	ID: "httpclient-200", Folder: "tornado/httpclient", Args: []string{"-max-clients", "200"}, Title: "HTTP client, 200 at a time", Year: 2009,
	Chapter: "tornado", Languages: []Language{Go}, Beside: map[Language][]string{Go: {"fetch.go"}}, Kit: asking,
	Summary: "The same client with 200 places: nobody waits in line, and the backend has 200 questions at once.",
}

var redisClient = Server{
	ID: "redis", Folder: "tornado/redis", Title: "Redis, ten connections", Year: 2010, Chapter: "tornado", Languages: []Language{Go},
	Beside: map[Language][]string{Go: {"embedded.go"}}, Kit: database,
	Summary: "Async and await, and the backend is a database, asked over Redis's own protocol through a pool of ten connections.",
}

var redisClient200 = Server{
	ID: "redis-200", Folder: "tornado/redis", Args: []string{"-pool", "200"}, Title: "Redis, 200 connections", Year: 2010, Chapter: "tornado",
	Languages: []Language{Go}, Beside: map[Language][]string{Go: {"embedded.go"}}, Kit: database,
	Summary: "The same pool with 200 connections: nobody waits in line, and the database holds all of them.",
}
