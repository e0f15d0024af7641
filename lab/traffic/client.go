package traffic

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"era/lab/recording"
	"era/lab/scenario"
	"era/runnable/kit/trace"
)

// player is a running client.
type player struct {
	scenario.Client
	number  int
	start   time.Time
	zero    int64 // start, on the clock of the traces
	observe func(Event)

	wanted time.Time // when the script schedules the next step
	port   int

	begun   int // requests sent at least in part
	sent    int
	settled int         // requests answered or failed
	due     []time.Time // when the script scheduled the requests
}

// Why requests fail when the client wants it.
const (
	GaveUp   = recording.GaveUp
	WasReset = "reset by the client"
	isDone   = "closed by the client"
)

var (
	errGaveUp = errors.New(GaveUp)
	errDone   = errors.New(isDone)
	errReset  = errors.New(WasReset)
)

func (p *player) play(ctx context.Context, addr string) {
	if !p.sleep(ctx) {
		return
	}
	p.tell(Event{What: Connecting})
	t := newTalk(p)
	patience, cancel := context.WithDeadline(ctx, p.start.Add(p.GiveUp))
	defer cancel()
	err := t.connect(patience, addr)
	if err == nil {
		p.tell(Event{What: Connected})
	}
	for i := 0; err == nil && i < len(p.Steps); i++ {
		err = p.do(patience, t, p.Steps[i])
	}
	p.finish(t, err)
}

func (p *player) do(ctx context.Context, t talk, step scenario.Step) error {
	switch step.Do {
	case scenario.Send:
		return t.send(step.Bytes)
	case scenario.Pause:
		p.wanted = p.wanted.Add(step.For)
		return t.pause(ctx)
	case scenario.Receive:
		return t.receive(ctx, step.N, step.Want)
	case scenario.Say:
		return t.say(step.Bytes)
	case scenario.Listen:
		return t.listen()
	case scenario.Hear:
		return t.hear(step.Want)
	case scenario.Reset:
		return t.reset()
	case scenario.Close:
		return t.close(ctx)
	}
	return fmt.Errorf("no such step: %q", step.Do)
}

// finish ends the client: requests without a reply have failed, for the given reason.
func (p *player) finish(t talk, err error) {
	code, err := t.end(err)
	why, all := reason(err), p.Requests()
	for n := p.settled + 1; n <= all; n++ {
		p.tell(Event{What: Failed, Request: n, Why: why})
	}
	if p.settled == all && why != isDone && why != WasReset && why != GaveUp {
		p.tell(Event{What: Broken, Why: why})
	}
	p.tell(Event{What: Closed, Code: code, Why: why})
}

// reason returns a short text for why a connection ended.
func reason(err error) string {
	switch {
	case err == nil:
		return isDone
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, context.Canceled):
		return GaveUp
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset by the server"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "closed by the server before the reply was complete"
	}
	return err.Error()
}

// sleep waits until the script wants the next step; false if ctx ended first.
func (p *player) sleep(ctx context.Context) bool {
	t := time.NewTimer(time.Until(p.wanted))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// catchUp delays the following steps after a reply that came later than the script wanted to go on.
func (p *player) catchUp(now time.Time) {
	if now.After(p.wanted) {
		p.wanted = now
	}
}

// answered returns the event of a request's reply.
func (p *player) answered(request int) Event {
	return Event{What: Answered, Request: request, Wanted: p.clock(p.due[request-1])}
}

// clock converts a moment to the clock of the traces.
func (p *player) clock(t time.Time) int64 { return p.zero + int64(t.Sub(p.start)) }

func (p *player) tell(e Event) {
	e.At, e.Client, e.Port = int64(trace.Now()), p.number, p.port
	p.observe(e)
}
