// Package redis asks a Redis server without making other tasks wait. A Conn carries many commands at a time: each is
// sent at once, the replies arrive in the same order, and a task waits only for its own. A Pool has several
// connections; tasks wait in line for one.
//
// Cancellation is where such clients go wrong. The command is sent, the task has left, and its reply is still on its
// way: the next task on that connection would take it for its own. That happened to redis-py in 2023, and users got
// each other's data (its issue 2624). Here a Conn reads the reply and drops it; and a Pool closes a connection that
// still owes one, since it is unknown when it arrives. It also closes a connection that commands left in another state:
// a transaction, another database, a subscription.
package redis

import (
	"fmt"
	"strconv"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/sys"
)

// Command is a command and its arguments.
type Command []string

// Options say which Redis, and how to ask it.
type Options struct {
	Addr     sys.Addr
	Username string // with Password: the command AUTH
	Password string
	DB       int           // not 0: the command SELECT
	Timeout  time.Duration // to connect, and for a reply; 0 waits forever
}

// Dial makes a connection, and logs in if the options say so.
func Dial(t *aio.Task, o Options) (*Conn, error) {
	c := &Conn{timeout: o.Timeout}
	err := c.within(t, "connect", func() (err error) {
		c.stream, err = aio.Dial(t, o.Addr)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("redis at %v: %w", o.Addr, err)
	}
	t.Go(c.listen)
	if err := c.greet(t, o); err != nil {
		c.Close()
		return nil, fmt.Errorf("redis at %v: %w", o.Addr, err)
	}
	c.state = state{} // what the options say is no change
	return c, nil
}

func (c *Conn) greet(t *aio.Task, o Options) error {
	var greeting []Command
	switch {
	case o.Username != "":
		greeting = append(greeting, Command{"AUTH", o.Username, o.Password})
	case o.Password != "":
		greeting = append(greeting, Command{"AUTH", o.Password})
	}
	if o.DB != 0 {
		greeting = append(greeting, Command{"SELECT", strconv.Itoa(o.DB)})
	}
	replies, err := c.Pipeline(t, greeting...)
	for _, reply := range replies {
		if err == nil {
			err = reply.Err()
		}
	}
	return err
}
