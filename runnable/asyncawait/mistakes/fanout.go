package main

import (
	"bytes"
	"strings"

	"era/runnable/kit/aio"
	"era/runnable/kit/sys"
)

// questions splits "delay=50&size=9" into two questions, which are asked at the same time.
func questions(query string) []string {
	all := strings.Split(strings.TrimSuffix(query, "\n"), "&")
	for i := range all {
		all[i] += "\n"
	}
	return all
}

// gather asks all at once and awaits them together. When one fails it returns at once with that error.
func gather(t *aio.Task, backend sys.Addr, query string) ([]byte, error) {
	var asked []*aio.Future[[]byte]
	for _, question := range questions(query) {
		asked = append(asked, aio.Go(t, func(t *aio.Task) ([]byte, error) { return askBackend(t, backend, question) }))
	}
	lines, err := aio.Await(t, aio.Gather(t, asked...)) // the mistake: the others run on, and no task waits for them
	return bytes.Join(lines, nil), err
}

// taskGroup asks all at once and leaves the block when all have ended. When one fails the others are cancelled: each
// receives Cancelled where it waits, closes its connection and returns.
func taskGroup(t *aio.Task, backend sys.Addr, query string) ([]byte, error) {
	all := questions(query)
	lines := make([][]byte, len(all))
	err := aio.WithGroup(t, func(g *aio.Group) error {
		for i, question := range all {
			g.Go(func(t *aio.Task) (err error) {
				lines[i], err = askBackend(t, backend, question)
				return err
			})
		}
		return nil
	})
	return bytes.Join(lines, nil), err
}
