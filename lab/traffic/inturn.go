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
	// read reads the reply to the oldest request. wrong says why it is not a good one.
	read func(want string) (got reply, wrong string, err error)
}

func newInTurn(p *player) inTurn {
	return inTurn{stream: stream{player: p}, split: scenario.Splitter{Speaks: p.Speaks}}
}

// send passes bytes to the kernel and records where requests begin and end. It writes request by request, so that each
// has its own times.
func (t *inTurn) send(bytes []byte) error {
	for len(bytes) > 0 {
		n, ends := t.split.Next(bytes)
		if t.begun == t.sent {
			t.begun++
			if !ends {
				t.tell(Event{What: Begun, Request: t.begun})
			}
		}
		if ends { // reported before it is done: the reply must not be earlier than its request
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

// pause waits. A client without an open request or reply notices when the server ends the connection meanwhile; one in
// the middle of something does not look.
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
		in = bufio.NewReaderSize(t.conn, 16) // if anything comes, none of it will be used
	}
	_, err := in.Peek(1)
	switch {
	case err == nil:
		return errors.New("bytes without a request")
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
		return errors.New("a reply without a request")
	case now.After(t.start.Add(t.GiveUp)):
		return errGaveUp // the reply and the end of patience met: the script decides
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
