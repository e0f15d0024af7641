package traffic

import (
	"context"
	"sync"
)

// arrivals counts what arrives while a client does other things.
type arrivals struct {
	mu   sync.Mutex
	n    int           // how many have arrived
	news chan struct{} // another has arrived
	over chan struct{} // closed when no more will arrive
	end  error         // then: the reason
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

// wait returns when n have arrived, or no more will, or ctx ends.
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
