package traffic

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"era/catalogue"
)

// talk implements the steps of a script in one protocol. An error of any of them ends the client.
type talk interface {
	connect(ctx context.Context, addr string) error
	send(bytes []byte) error
	receive(ctx context.Context, n int, want string) error
	say(bytes []byte) error
	hear(want string) error
	listen() error
	pause(ctx context.Context) error // until the client's wanted time
	reset() error                    // returns errReset
	close(ctx context.Context) error // returns errDone
	// end closes the connection, if there is one, and returns why the client ended: err, or its cause. code is that of
	// the server's close frame.
	end(err error) (code int, why error)
}

func newTalk(p *player) talk {
	switch p.Speaks {
	case catalogue.Echo:
		return newLineTalk(p)
	case catalogue.Mail:
		return newMailTalk(p)
	case catalogue.Datagrams:
		return newDatagramTalk(p)
	case catalogue.WebSocket:
		return &roomTalk{stream: stream{player: p}}
	}
	return newHTTPTalk(p)
}

// without has the steps that not every protocol has.
type without struct{}

var errWithout = errors.New("no such step in this protocol")

func (without) say([]byte) error  { return errWithout }
func (without) hear(string) error { return errWithout }
func (without) listen() error     { return errWithout }
func (without) reset() error      { return errWithout }

// stream is the part of a talk that all protocols over TCP share.
type stream struct {
	*player
	without
	conn      *net.TCPConn
	unlimited func() bool
	replies   *bufio.Reader // see in
}

func (s *stream) connect(ctx context.Context, addr string) error {
	dialer := net.Dialer{Control: s.prepare}
	conn, err := dialer.DialContext(ctx, "tcp4", addr)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	s.conn = conn.(*net.TCPConn)
	s.port = s.conn.LocalAddr().(*net.TCPAddr).Port
	s.unlimited = limit(ctx, conn)
	return nil
}

// limit ends everything that is done with the connection when ctx ends, until it is stopped.
func limit(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
}

// prepare sets the options that must be set before connecting.
func (s *stream) prepare(_, _ string, c syscall.RawConn) error {
	if s.Receive == 0 {
		return nil
	}
	var err error
	if controlErr := c.Control(func(fd uintptr) { err = setReceiveBuffer(fd, s.Receive) }); controlErr != nil {
		return controlErr
	}
	return os.NewSyscallError("setsockopt", err)
}

// in returns a reader of what the server sends. Thousands of clients never read any of it, and need no buffer.
func (s *stream) in() *bufio.Reader {
	if s.replies == nil {
		s.replies = bufio.NewReader(s.conn)
	}
	return s.replies
}

func (s *stream) say(bytes []byte) error {
	_, err := s.conn.Write(bytes)
	return err
}

func (s *stream) reset() error {
	if err := s.conn.SetLinger(0); err != nil {
		return err
	}
	return errReset
}

func (s *stream) close(context.Context) error { return errDone }

func (s *stream) end(err error) (code int, why error) {
	if s.conn != nil {
		s.unlimited()
		s.conn.Close()
	}
	return 0, err
}
