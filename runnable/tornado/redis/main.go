// The HTTP server of the toolbox with a database, Redis, that is asked over its own protocol through a pool of
// connections. The question is a list that stays empty: BLPOP waits for it as long as the client wants, and a counter
// counts the questions in the same round trip.
//
//	go run ./runnable/tornado/redis                          with a Redis of its own, in this process
//	go run ./runnable/tornado/redis -redis 127.0.0.1:6379    with yours
//
// A value that you push to the list is the answer: redis-cli -p PORT LPUSH nobody:delay=9000 now
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
	"era/runnable/kit/httpserver"
	"era/runnable/kit/job"
	"era/runnable/kit/redis"
)

func main() {
	size := flag.Int("pool", 10, "`number` of connections to Redis; a client that finds none free waits in line")
	named := flag.String("redis", "", "`address` of a Redis; if left out, that of -backend, and if that is left out too, of one in this process")
	addr, other := job.Flags()
	if *size < 1 {
		log.Fatalf("-pool %d: want 1 or more", *size)
	}
	listener := job.Listen(addr)
	s := asker{redis.NewPool(*size, 5*time.Second, redis.Options{Addr: choose(*named, other), Timeout: 30 * time.Second})}
	server := httpserver.Server{Handler: httpserver.Job(s.ask)}
	log.Fatal(aio.Run(func(t *aio.Task) error { return server.Serve(t, listener) }))
}

type asker struct{ pool *redis.Pool }

// ask sends two commands in one write, over a connection that is ours until both are answered. If all connections are
// in use, the task waits in line first.
func (s asker) ask(t *aio.Task, question string) ([]byte, error) {
	query := strings.TrimSuffix(question, "\n")
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

// pop returns the command that waits for a value in a list until the timeout. To Redis 0 means forever: then the
// command does not wait at all.
func pop(list string, timeout time.Duration) redis.Command {
	if timeout == 0 {
		return redis.Command{"LPOP", list}
	}
	return redis.Command{"BLPOP", list, strconv.FormatFloat(timeout.Seconds(), 'f', -1, 64)}
}

// pushed returns the value that was pushed to the list: LPOP answers with the value, BLPOP with the list's name before
// it.
func pushed(reply redis.Value) (text string, ok bool) {
	if reply.Kind == redis.Array && len(reply.Items) == 2 {
		reply = reply.Items[1]
	}
	return reply.Text, reply.Kind == redis.Bulk
}
