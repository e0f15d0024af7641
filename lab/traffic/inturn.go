package traffic

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"era/lab/recording"
	"era/lab/scenario"
)

// inTurn is a talk in which requests are answered one after the other.
type inTurn struct {
	stream
	split scenario.Splitter
	// read reads the reply to the oldest request. wrong describes what is wrong with it.
	read func(want string) (got reply, wrong string, err error)
}

func newInTurn(p *player) inTurn {
	return inTurn{stream: stream{player: p}, split: scenario.Splitter{Speaks: p.Speaks}}
}

// send writes bytes and notes where requests begin and end. It writes request by request, so that each has its own
// times.
func (t *inTurn) send(bytes []byte) error {
	for len(bytes) > 0 {
		n, ends := t.split.Next(bytes)
		if t.begun == t.sent {
			t.begun++
			if !ends {
				t.tell(Event{What: Begun, Request: t.begun})
			}
		}
		if ends { // reported before the write: the reply must not be earlier than its request
			t.sent++
			t.due = append(t.due, t.wanted)
			t.tell(Event{What: Sent, Request: t.sent})
		}
		if _, err := t.conn.Write(bytes[:n]); err != nil {
			return err
		}
		bytes = bytes[n:]
	}
	return nil
}

// pause waits. A client between two requests notices if the server ends the connection meanwhile; in the middle of a
// request it does not look.
func (t *inTurn) pause(ctx context.Context) error {
	if t.begun > t.settled {
		if t.sent > t.settled {
			t.tell(Event{What: Holding, Request: t.settled + 1})
			defer t.tell(Event{What: Resumed, Request: t.settled + 1})
		}
		if !t.sleep(ctx) {
			return errGaveUp
		}
		return nil
	}
	if giveUp := t.start.Add(t.GiveUp); t.wanted.Before(giveUp) {
		t.conn.SetReadDeadline(t.wanted)
		defer t.conn.SetReadDeadline(giveUp)
	}
	in := t.replies
	if in == nil {
		in = bufio.NewReaderSize(t.conn, 16) // a small buffer: any byte that comes is an error
	}
	_, err := in.Peek(1)
	switch {
	case err == nil:
		return errors.New("unrequested bytes")
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

func (t *inTurn) receive(_ context.Context, n int, want string) error {
	for range n {
		if err := t.receiveOne(want); err != nil {
			return err
		}
	}
	return nil
}

func (t *inTurn) receiveOne(want string) error {
	got, wrong, err := t.read(want)
	if err != nil {
		return cut(err)
	}
	now := time.Now()
	switch {
	case t.settled == t.sent:
		return errors.New("an unrequested reply")
	case now.After(t.start.Add(t.GiveUp)):
		return errGaveUp // the reply came just when patience ended: the script decides
	case wrong == "" && !strings.HasPrefix(got.body, want):
		wrong = recording.AnotherBody + fmt.Sprintf("%q", got.body[:min(len(got.body), bodyShown)])
	}
	t.settled++
	e := t.answered(t.settled)
	e.Pieces = got.pieces
	if !got.first.IsZero() {
		e.First = t.clock(got.first)
	}
	if wrong != "" {
		e.What, e.Why = Failed, wrong
	}
	t.tell(e)
	t.catchUp(now)
	return nil
}
