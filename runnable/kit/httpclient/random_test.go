package httpclient

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"time"

	"era/runnable/kit/aio"
)

// TestCancelledAnywhere: requests are cancelled at any await, time out, lose their connections. No task gets another
// task's reply, and in the end all places are free and no connection is out.
func TestCancelledAnywhere(t *testing.T) {
	const places, requests = 4, 300
	o := Options{Limits: Limits{MaxConnections: places, MaxKeepaliveConnections: places}}
	run(t, o, func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.RawQuery)
		time.Sleep(time.Duration(n%4) * 300 * time.Microsecond) // the answers race with the ends of patience
		if n%7 == 0 {
			panic(http.ErrAbortHandler) // the connection breaks
		}
		fmt.Fprint(w, r.URL.RawQuery)
	}, func(task *aio.Task, c *Client, url string) error {
		random := rand.New(rand.NewPCG(1, 2))
		answered, cancelled, late := 0, 0, 0
		err := aio.WithGroup(task, func(g *aio.Group) error {
			for n := range requests {
				turns, patience := random.IntN(60), time.Duration(random.IntN(3000))*time.Microsecond
				asking := g.Go(func(t *aio.Task) error {
					response, err := c.Get(t, fmt.Sprintf("%s/?%d", url, n), Within(time.Second+patience))
					if n%3 == 0 {
						response, err = c.Get(t, fmt.Sprintf("%s/?%d", url, n), Within(patience))
					}
					var timeout *TimeoutError
					switch {
					case err == nil && response.Text() != fmt.Sprint(n):
						return fmt.Errorf("request %d got %q", n, response.Text())
					case err == nil:
						answered++
					case errors.Is(err, aio.Cancelled):
						cancelled++
						return err
					case errors.As(err, &timeout):
						late++
					}
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
		if c.pool.active != 0 || c.pool.places.Waiting() != 0 || len(c.pool.idle) > places {
			t.Errorf("%d places taken, %d in line, %d kept", c.pool.active, c.pool.places.Waiting(), len(c.pool.idle))
		}
		for range places { // all of them are free, each for a while
			if err := c.pool.enter(task, time.Second); err != nil {
				return err
			}
		}
		for range places {
			c.pool.leave()
		}
		_, err = c.Get(task, url+"/?1")
		return err
	})
}
