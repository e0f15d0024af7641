package main

import (
	"bytes"
	"errors"
	"iter"
	"strings"

	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
)

// application answers /rows?delay=20&delay=20: each part of the query is a question, and each answer a row of the body.
// The cursor is held from before the first row until the last, or until the client leaves.
func application(db *database) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		plain := []wsgi.Header{{"Content-Type", "text/plain"}}
		if environ.Text("PATH_INFO") != "/rows" {
			startResponse("404 Not Found", plain)
			return wsgi.One([]byte("Not Found\n"))
		}
		return func(yield func([]byte) bool) {
			rows, err := db.open()
			if err != nil {
				startResponse("503 Service Unavailable", plain)
				yield([]byte(err.Error() + "\n"))
				return
			}
			defer rows.close()
			startResponse("200 OK", plain)
			for question := range strings.SplitSeq(environ.Text("QUERY_STRING"), "&") {
				row, err := rows.next(question)
				if err != nil {
					panic(err) // an exception in Python: half of the body may be sent already
				}
				if !yield(row) {
					return // the client has left
				}
			}
		}
	}
}

// database is the backend, to which there are five connections at most.
type database struct {
	addr  sys.Addr
	taken chan struct{}
}

func newDatabase(addr sys.Addr) *database { return &database{addr, make(chan struct{}, 5)} }

var errTaken = errors.New("all connections to the database are taken")

// open takes a connection. It does not wait until one is free.
func (db *database) open() (*cursor, error) {
	select {
	case db.taken <- struct{}{}:
	default:
		return nil, errTaken
	}
	fd, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err != nil {
		<-db.taken
		return nil, err
	}
	c := &cursor{db, fd}
	if err := sys.Connect(fd, db.addr); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// cursor is one of the connections.
type cursor struct {
	db *database
	fd int
}

var errHungUp = errors.New("the database has hung up")

// next asks, and waits for the line that comes back.
func (c *cursor) next(question string) (row []byte, err error) {
	if _, err := sys.Write(c.fd, []byte(question+"\n")); err != nil { // so few bytes are written at once
		return nil, err
	}
	for !bytes.HasSuffix(row, []byte("\n")) {
		arrived := make([]byte, 4096)
		n, err := sys.Read(c.fd, arrived)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, errHungUp
		}
		row = append(row, arrived[:n]...)
	}
	return row, nil
}

func (c *cursor) close() {
	sys.Close(c.fd)
	<-c.db.taken
}
