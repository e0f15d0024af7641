package traffic

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"era/lab/recording"
	"era/lab/scenario"
)

// playDatagrams is play for a client that has no connection: each of its Send steps is a datagram, which is answered
// when it comes back, whenever that is and in whatever order.
func (p *player) playDatagrams(ctx context.Context, addr string) {
	if !p.sleep(ctx) {
		return
	}
	p.tell(Event{What: Connecting})
	conn, err := net.Dial("udp4", addr) // only notes the address: nothing is sent
	if err != nil {
		p.fail(err)
		return
	}
	p.port = conn.LocalAddr().(*net.UDPAddr).Port
	p.tell(Event{What: Connected})
	patience, cancel := context.WithDeadline(ctx, p.start.Add(p.GiveUp))
	defer cancel()
	stop := context.AfterFunc(patience, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	under := &underWay{numbers: map[string]int{}}
	heard := make(chan error, 1)
	go func() { heard <- p.hearDatagrams(conn, under) }()
	for _, step := range p.Steps {
		switch step.Do {
		case scenario.Pause:
			p.wanted = p.wanted.Add(step.For)
			p.sleep(patience) // when patience ended, what follows fails by itself
		case scenario.Send:
			p.sent++
			under.add(string(step.Bytes), p.sent, p.zero+int64(p.wanted.Sub(p.start)))
			p.tell(Event{What: Sent, Request: p.sent})
			conn.Write(step.Bytes) // an error tells of an earlier one that nobody took; this one counts as lost as well
		}
	}
	err = <-heard
	conn.Close()
	why := recording.Lost // which side lost it, the client cannot know
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		why = reason(err)
	}
	for _, number := range under.left() {
		p.tell(Event{What: Failed, Request: number, Why: why})
	}
	p.tell(Event{What: Closed, Why: isDone})
}

// hearDatagrams takes what comes back until all has, or the client's patience ends.
func (p *player) hearDatagrams(conn net.Conn, under *underWay) error {
	room := make([]byte, 64<<10)
	for answered, all := 0, p.Requests(); answered < all; {
		n, err := conn.Read(room)
		if err != nil {
			return err
		}
		if number, wanted, known := under.take(string(room[:n])); known {
			answered++
			p.tell(Event{What: Answered, Request: number, Wanted: wanted})
		}
	}
	return nil
}

// underWay are the datagrams that have not come back, by what is in them.
type underWay struct {
	mu      sync.Mutex
	numbers map[string]int
	wanted  []int64
}

func (u *underWay) add(text string, number int, wanted int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.numbers[text] = number
	u.wanted = append(u.wanted, wanted)
}

func (u *underWay) take(text string) (number int, wanted int64, known bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if number, known = u.numbers[text]; known {
		wanted = u.wanted[number-1]
		delete(u.numbers, text)
	}
	return number, wanted, known
}

func (u *underWay) left() (numbers []int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, number := range u.numbers {
		numbers = append(numbers, number)
	}
	return numbers
}
