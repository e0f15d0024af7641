// The async/await server with a database that is asked over its own protocol: Redis, through a pool of connections.
// The question is a list that nobody pushes to: BLPOP waits for it as long as the client wants, and a counter counts the
// questions in the same breath.
//
//	go run ./runnable/tornado/redis                          with a Redis of its own, in this process
//	go run ./runnable/tornado/redis -redis 127.0.0.1:6379    with yours
//
// Push to the list, and that is the answer: redis-cli -p PORT LPUSH nobody:delay=9000 now
package main

import (
	"errors"
	"flag"
	"log"
	"strconv"
	"strings"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/backend"
	"era/runnable/kit/http1"
	"era/runnable/kit/job"
	"era/runnable/kit/redis"
)

func main() {
	size := flag.Int("pool", 10, "`number` of connections to Redis; a client that finds none free waits in line")
	named := flag.String("redis", "", "`address` of a Redis; if left out, that of -backend, and if that is left out too, of one in this process")
	addr, other := job.Flags()
	if *size < 1 {
		log.Fatalf("-pool: with %d connections nothing is ever asked", *size)
	}
	listener := job.Listen(addr)
	s := server{redis.NewPool(*size, 5*time.Second, redis.Options{Addr: choose(*named, other), Timeout: 30 * time.Second})}
	log.Fatal(aio.Run(func(t *aio.Task) error { return aio.Serve(t, listener, s.handle) }))
}

type server struct{ pool *redis.Pool }

// handle serves one connection until the client leaves: read the request, ask the database, write the reply.
func (s server) handle(t *aio.Task, conn *aio.Conn) error {
	var inbox http1.Inbox
	for {
		request, err := readRequest(t, conn, &inbox)
		if err != nil {
			return nil // the client is gone; so is our work for it
		}
		reply := request.Reply()
		if request.Asks {
			if line, err := s.ask(t, strings.TrimSuffix(request.Question, "\n")); err == nil {
				reply = request.Answer(line)
			} else if errors.Is(err, aio.Cancelled) {
				return err // the server ends
			} else {
				reply = request.Unanswered()
			}
		}
		_, err = conn.Write(reply)
		if errors.Join(err, conn.Drain(t)) != nil { // a client that does not read holds this task only
			return nil
		}
		if request.Close {
			conn.CloseWrite() // the client reads our end of file, and we read on until its own
		}
	}
}

// readRequest waits until a whole request has arrived.
func readRequest(t *aio.Task, conn *aio.Conn, inbox *http1.Inbox) (http1.Request, error) {
	for {
		if request, ok := inbox.Next(); ok {
			return request, nil
		}
		arrived := make([]byte, 4096)
		n, err := conn.Read(t, arrived)
		if err != nil {
			return http1.Request{}, err
		}
		inbox.Add(arrived[:n])
	}
}

// ask sends two commands in one go, over a connection that is ours until both are answered. With all connections in
// use, the task waits in line first.
func (s server) ask(t *aio.Task, query string) ([]byte, error) {
	delay, size := backend.Wanted(query)
	replies, err := s.pool.Pipeline(t, redis.Command{"INCR", "asked"}, pop(backend.Nobody+query, delay))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(replies[0].Err(), replies[1].Err()); err != nil {
		return nil, err
	}
	if text, ok := pushed(replies[1]); ok {
		return []byte(text + "\n"), nil
	}
	return backend.Line(delay, size), nil
}

// pop waits for a value in a list, for so long at most. A timeout of 0 would mean forever: then pop, and do not wait.
func pop(list string, timeout time.Duration) redis.Command {
	if timeout == 0 {
		return redis.Command{"LPOP", list}
	}
	return redis.Command{"BLPOP", list, strconv.FormatFloat(timeout.Seconds(), 'f', -1, 64)}
}

// pushed is what was pushed to the list after all: LPOP answers with the value, BLPOP with the list's name before it.
func pushed(reply redis.Value) (text string, ok bool) {
	if reply.Kind == redis.Array && len(reply.Items) == 2 {
		reply = reply.Items[1]
	}
	return reply.Text, reply.Kind == redis.Bulk
}
