package traffic

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/scenario"
	"era/runnable/kit/trace"
)

// player is one client while it plays.
type player struct {
	scenario.Client
	number  int
	start   time.Time
	zero    int64 // start on the clock of the traces
	observe func(Event)

	wanted  time.Time // when the script wants the next step
	conn    *net.TCPConn
	replies *bufio.Reader // see in
	port    int
	split   scenario.Splitter
	part    []byte // of the request that is being sent, where the reply is the request
	begun   int    // requests sent at least in part
	sent    int
	settled int         // requests answered or failed
	due     []time.Time // when the script wanted the unanswered ones sent
	said    []string    // the requests, where the reply is the request

	hearing *hearing // of a member of a room that listens; its lock is that of sent, settled and due
	deaf    bool     // a member that has paused instead
}

// Why requests fail when it is the client's will.
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
	giveUp := p.start.Add(p.GiveUp)
	patience, cancel := context.WithDeadline(ctx, giveUp)
	defer cancel()
	dialer := net.Dialer{Control: p.prepare}
	conn, err := dialer.DialContext(patience, "tcp4", addr)
	if err != nil {
		p.fail(fmt.Errorf("connect: %w", err))
		return
	}
	p.conn, p.split.Speaks = conn.(*net.TCPConn), p.Speaks
	p.port = p.conn.LocalAddr().(*net.TCPAddr).Port
	p.tell(Event{What: Connected})
	p.conn.SetDeadline(giveUp)
	stop := context.AfterFunc(ctx, func() { p.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	for _, step := range p.Steps {
		if err := p.do(patience, step); err != nil {
			p.fail(err)
			return
		}
	}
	p.fail(nil)
}

// in is what the server sends. Thousands of clients never read any of it, and need no buffer.
func (p *player) in() *bufio.Reader {
	if p.replies == nil {
		p.replies = bufio.NewReader(p.conn)
	}
	return p.replies
}

// prepare sets what must be set before connecting.
func (p *player) prepare(_, _ string, c syscall.RawConn) error {
	if p.Receive == 0 {
		return nil
	}
	var err error
	if controlErr := c.Control(func(fd uintptr) { err = setReceiveBuffer(fd, p.Receive) }); controlErr != nil {
		return controlErr
	}
	return os.NewSyscallError("setsockopt", err)
}

func (p *player) do(ctx context.Context, step scenario.Step) error {
	room := p.Speaks == catalogue.WebSocket
	switch step.Do {
	case scenario.Send:
		if room {
			return p.say(step.Bytes)
		}
		return p.send(step.Bytes)
	case scenario.Pause:
		p.wanted = p.wanted.Add(step.For)
		if room {
			return p.rest(ctx)
		}
		return p.pause(ctx)
	case scenario.Receive:
		if room {
			return p.waitHeard(ctx, step.N)
		}
		for range step.N {
			if err := p.receive(step.Want); err != nil {
				return err
			}
		}
		return nil
	case scenario.Say:
		_, err := p.conn.Write(step.Bytes)
		return err
	case scenario.Listen:
		p.listen()
		return nil
	case scenario.Hear:
		if room {
			return upgraded(p.in(), step.Want)
		}
		reply, err := readMailReply(p.in())
		if err == nil && !strings.HasPrefix(reply, step.Want) {
			err = fmt.Errorf("want %s, got %.60q", step.Want, reply)
		}
		p.catchUp(time.Now())
		return err
	case scenario.Reset:
		if err := p.conn.SetLinger(0); err != nil {
			return err
		}
		return errReset
	case scenario.Close:
		if room {
			return p.goodbye(ctx)
		}
		return errDone
	}
	return fmt.Errorf("no such step: %q", step.Do)
}

// send hands bytes to the kernel and notes where requests begin and end. It writes request by request, so that the
// times are those of each.
func (p *player) send(bytes []byte) error {
	for len(bytes) > 0 {
		n, ends := p.split.Next(bytes)
		if p.begun == p.sent {
			p.begun++
			if !ends {
				p.tell(Event{What: Begun, Request: p.begun})
			}
		}
		if ends { // told before it is done: the reply must not be earlier than its request
			p.sent++
			p.due = append(p.due, p.wanted)
			if p.Speaks == catalogue.Echo {
				p.said = append(p.said, string(append(p.part, bytes[:n]...)))
				p.part = nil
			}
			p.tell(Event{What: Sent, Request: p.sent})
		} else if p.Speaks == catalogue.Echo {
			p.part = append(p.part, bytes[:n]...)
		}
		if _, err := p.conn.Write(bytes[:n]); err != nil {
			return err
		}
		bytes = bytes[n:]
	}
	return nil
}

// pause waits until the script wants to go on. A client that owes and expects nothing notices when the server ends
// the connection meanwhile; one in the middle of something does not look.
func (p *player) pause(ctx context.Context) error {
	if p.begun > p.settled {
		if p.sent > p.settled {
			p.tell(Event{What: Holding, Request: p.settled + 1})
			defer p.tell(Event{What: Resumed, Request: p.settled + 1})
		}
		if !p.sleep(ctx) {
			return errGaveUp
		}
		return nil
	}
	if until := p.wanted; until.Before(p.start.Add(p.GiveUp)) {
		p.conn.SetReadDeadline(until)
		defer p.conn.SetReadDeadline(p.start.Add(p.GiveUp))
	}
	in := p.replies
	if in == nil {
		in = bufio.NewReaderSize(p.conn, 16) // of what comes, if anything, nothing will be wanted
	}
	_, err := in.Peek(1)
	switch {
	case err == nil:
		return errors.New("bytes that nobody asked for")
	case errors.Is(err, os.ErrDeadlineExceeded):
		if ctx.Err() != nil {
			return errGaveUp
		}
		return nil
	case errors.Is(err, io.EOF):
		return errors.New("closed by the server")
	}
	return err
}

// receive takes one reply, whose body must begin with want.
func (p *player) receive(want string) error {
	got, wrong, err := p.readAnswer(want)
	if err != nil {
		return err
	}
	now := time.Now()
	if now.After(p.start.Add(p.GiveUp)) {
		return errGaveUp // the reply and the end of patience met: the script's word counts
	}
	p.settled++
	e := Event{What: Answered, Request: p.settled, Wanted: p.zero + int64(p.due[p.settled-1].Sub(p.start)), Pieces: got.pieces}
	if !got.first.IsZero() {
		e.First = p.zero + int64(got.first.Sub(p.start))
	}
	if wrong != "" {
		e.What, e.Why = Failed, wrong
	}
	p.tell(e)
	p.catchUp(now)
	return nil
}

// catchUp moves what follows behind a reply that came later than the script wanted to go on.
func (p *player) catchUp(now time.Time) {
	if now.After(p.wanted) {
		p.wanted = now
	}
}

// fail ends the client: what has no reply has failed, for the given reason.
func (p *player) fail(err error) {
	if p.conn != nil {
		p.conn.Close()
	}
	ended := Event{What: Closed}
	if p.hearing != nil {
		<-p.hearing.over
		if farewell, is := p.hearing.end.(ClosedWith); is {
			ended.Code = farewell.Code
			if err != errDone {
				err = farewell // not that we could not talk to one who had left
			}
		}
	}
	why, all := reason(err), p.Requests()
	for n := p.settled + 1; n <= all; n++ {
		p.tell(Event{What: Failed, Request: n, Why: why})
	}
	if p.settled == all && why != isDone && why != WasReset && why != GaveUp {
		p.tell(Event{What: Broken, Why: why})
	}
	ended.Why = why
	p.tell(ended)
}

// reason says in a few words why a connection ended.
func reason(err error) string {
	switch {
	case err == nil:
		return isDone
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
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

// sleep waits until the script wants the next step; false when ctx ended first.
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

func (p *player) tell(e Event) {
	e.At, e.Client, e.Port = int64(trace.Now()), p.number, p.port
	p.observe(e)
}
