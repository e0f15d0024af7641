package traffic

import (
	"context"
	"sync"
)

// arrivals counts what arrives while a client does other things.
type arrivals struct {
	mu   sync.Mutex
	n    int           // how many have come
	news chan struct{} // one has come
	over chan struct{} // closed when nothing more will come
	end  error         // then: why
}

func newArrivals() arrivals {
	return arrivals{news: make(chan struct{}, 1), over: make(chan struct{})}
}

// read calls next, which counts, until it fails.
func (a *arrivals) read(next func() error) {
	defer close(a.over)
	for a.end == nil {
		a.end = next()
		select {
		case a.news <- struct{}{}:
		default:
		}
	}
}

// wait returns when n have come, when fewer than n will come, or when ctx ends.
func (a *arrivals) wait(ctx context.Context, n int) error {
	for {
		a.mu.Lock()
		come := a.n
		a.mu.Unlock()
		if come >= n {
			return nil
		}
		select {
		case <-a.news:
		case <-a.over:
			if a.n < n {
				return a.end
			}
		case <-ctx.Done():
			return errGaveUp
		}
	}
}
