package redis

import (
	"errors"
	"fmt"
	"io"
	"time"

	"era/runnable/kit/aio"
)

// ErrClosed is the error of commands on a connection that is closed, by either end.
var ErrClosed = errors.New("redis: the connection is closed")

// Conn is a connection that several tasks may use at a time. A command that blocks, such as BLPOP, delays those that
// are sent after it: use a Pool for these. Commands that change what later ones mean (MULTI, SELECT, SUBSCRIBE) need a
// connection that no other task uses: Pool.With lends one, and undoes their changes by closing it.
type Conn struct {
	stream  *aio.Conn
	timeout time.Duration
	waiting []*aio.Future[Value] // for replies, in the order of the commands
	decoder Decoder
	state   state
	err     error // why it is of no more use
}

// Do sends a command and waits for its reply. An error that Redis answers is an Error.
func (c *Conn) Do(t *aio.Task, command ...string) (Value, error) {
	replies, err := c.Pipeline(t, command)
	if err != nil {
		return Value{}, err
	}
	return replies[0], replies[0].Err()
}

// Pipeline sends commands in one go and waits for all replies. Errors that Redis answers are among the replies; see
// Value.Err. If the task is cancelled, or the time is up, the replies are dropped when they come.
func (c *Conn) Pipeline(t *aio.Task, commands ...Command) ([]Value, error) {
	if len(commands) == 0 {
		return nil, nil
	}
	var replies []Value
	err := c.within(t, commands[0][0], func() error {
		awaited, err := c.send(t, commands)
		if err != nil {
			return err
		}
		replies, err = aio.Await(t, aio.Gather(t, awaited...))
		for i, reply := range replies {
			c.state.answered(commands[i], reply)
		}
		return err
	})
	return replies, err
}

// send writes the commands and puts the futures of their replies in line.
func (c *Conn) send(t *aio.Task, commands []Command) ([]*aio.Future[Value], error) {
	if c.err != nil {
		return nil, c.err
	}
	var message []byte
	var awaited []*aio.Future[Value]
	for _, command := range commands {
		message = AppendCommand(message, command)
		c.state.sent(command)
		awaited = append(awaited, aio.NewFuture[Value](t))
	}
	c.waiting = append(c.waiting, awaited...)
	if _, err := c.stream.Write(message); err != nil {
		c.fail(err)
		return nil, err
	}
	if err := c.stream.Drain(t); err != nil {
		for _, reply := range awaited {
			reply.Cancel() // all is sent, or will be: the replies come, and are dropped
		}
		return nil, err
	}
	return awaited, nil
}

// listen reads replies until the connection ends.
func (c *Conn) listen(t *aio.Task) error {
	arrived := make([]byte, 16<<10)
	for {
		n, err := c.stream.Read(t, arrived)
		if err == nil {
			err = c.deliver(arrived[:n])
		}
		if err == io.EOF {
			err = ErrClosed
		}
		if err != nil {
			c.fail(err)
			return nil
		}
	}
}

// deliver hands each reply to the asker that has waited longest. An asker that was cancelled leaves its future in line,
// so that its reply is dropped there and no other asker gets it.
func (c *Conn) deliver(arrived []byte) error {
	c.decoder.Add(arrived)
	for {
		reply, ok, err := c.decoder.Next()
		if err != nil || !ok {
			return err
		}
		if len(c.waiting) == 0 && reply.Kind == Failed { // why it hangs up: "max number of clients reached"
			return fmt.Errorf("%w: %s", ErrClosed, reply.Text)
		}
		if len(c.waiting) == 0 {
			return ProtocolError("came unasked")
		}
		asker := c.waiting[0]
		c.waiting = c.waiting[1:]
		asker.SetResult(reply) // does nothing if it was cancelled
	}
}

// Owes is how many replies are still to come, those of cancelled askers included.
func (c *Conn) Owes() int { return len(c.waiting) }

// Close closes the connection. Commands without a reply end with ErrClosed.
func (c *Conn) Close() { c.fail(ErrClosed) }

func (c *Conn) fail(err error) {
	if c.err != nil {
		return
	}
	c.err = err
	c.stream.Abort() // wakes the listener, which ends
	for _, asker := range c.waiting {
		asker.SetError(err)
	}
	c.waiting = nil
}

// within runs the body for at most the timeout.
func (c *Conn) within(t *aio.Task, what string, body func() error) error {
	if c.timeout <= 0 {
		return body()
	}
	err := aio.Timeout(t, c.timeout, body)
	if err == aio.TimedOut {
		return fmt.Errorf("redis: %s: %w", what, err)
	}
	return err
}
