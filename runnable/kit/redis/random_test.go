//go:build linux || darwin

package redis

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"era/runnable/kit/aio"
)

// TestCancelledAnywhere: askers are cancelled at any await, and lose their patience. No task gets another task's reply,
// and in the end all places are free and the connections are those that are kept.
func TestCancelledAnywhere(t *testing.T) {
	const places, askers = 3, 300
	m := miniredis.RunT(t)
	run(t, func(task *aio.Task) error {
		p := NewPool(places, 0, Options{Addr: netip.MustParseAddrPort(m.Addr())})
		defer p.Close()
		random := rand.New(rand.NewPCG(1, 2))
		answered, cancelled, late := 0, 0, 0
		err := aio.WithGroup(task, func(g *aio.Group) error {
			for n := range askers {
				turns, patience := random.IntN(60), time.Minute
				if n%3 == 0 {
					patience = time.Duration(random.IntN(2000)) * time.Microsecond
				}
				asking := g.Go(func(t *aio.Task) error {
					var replies []Value
					err := aio.Timeout(t, patience, func() (err error) {
						replies, err = p.Pipeline(t, Command{"ECHO", fmt.Sprint(n)}, Command{"BLPOP", "none", "0.001"},
							Command{"ECHO", fmt.Sprint(-n)})
						return err
					})
					switch {
					case err == aio.TimedOut:
						late++
						return nil
					case errors.Is(err, aio.Cancelled):
						cancelled++
						return err
					case err != nil:
						return err
					}
					if replies[0].Text != fmt.Sprint(n) || replies[2].Text != fmt.Sprint(-n) {
						return fmt.Errorf("asker %d got %v", n, replies)
					}
					answered++
					return nil
				})
				if n%2 == 0 {
					g.Go(func(t *aio.Task) error {
						for range turns {
							aio.Sleep(t, 0)
						}
						asking.Cancel()
						return nil
					})
				}
				if n%places == 0 {
					aio.Sleep(task, time.Millisecond)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if answered == 0 || cancelled == 0 || late == 0 {
			t.Errorf("%d answered, %d cancelled, %d too late: not what this is about", answered, cancelled, late)
		}
		if p.Waiting() != 0 || len(p.idle) > places {
			t.Errorf("%d in line, %d kept", p.Waiting(), len(p.idle))
		}
		for m.CurrentConnectionCount() > len(p.idle) { // it learns a little later that we closed the others
			aio.Sleep(task, time.Millisecond)
		}
		for range places { // all of them are free
			if err := p.places.Acquire(task); err != nil {
				return err
			}
		}
		for range places {
			p.places.Release()
		}
		_, err = p.Do(task, "PING")
		return err
	})
}
