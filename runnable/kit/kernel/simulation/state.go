package simulation

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"era/runnable/kit/kernel"
)

// State is all that a view shows, as JSON. Texts are cut.
func (s *Simulation) State() string {
	var j text
	j.object(func() {
		j.number("now", int(s.Now))
		j.string("said", s.Said())
		j.string("did", s.Did())
		j.string("over", s.Over)
		j.array("taken", len(s.Taken), func(i int) { j.quote(s.Taken[i].String()) })
		s.threads(&j)
		s.files(&j)
		s.parkedState(&j)
		s.clientsState(&j)
		if b := s.Backend; b != nil {
			j.key("backend")
			j.object(func() {
				j.number("asked", b.Asked)
				j.number("answered", b.Answered)
				j.bool("gone", b.Gone)
			})
		}
		choices := append([]Choice(nil), s.Choices()...)
		j.array("choices", len(choices), func(i int) {
			c := choices[i]
			j.object(func() {
				j.string("take", c.String())
				j.string("kind", string(rune(c.Kind)))
				j.number("of", c.Of)
				j.string("text", s.Text(c))
				j.bool("fault", c.IsFault())
			})
		})
		s.waiting(&j)
	})
	return string(j)
}

func (s *Simulation) threads(j *text) {
	all := s.alive()
	j.array("threads", len(all), func(i int) {
		t := all[i]
		j.object(func() {
			j.number("id", t.ID)
			c := t.Call
			if c == nil {
				c = &Call{Began: true, FD: -1, Until: -1, Waits: "another thread"}
			}
			call := ""
			if c.Name != "" {
				call = c.Text()
			}
			j.string("call", call)
			j.string("name", c.Name)
			j.number("fd", c.FD)
			j.string("site", c.stack.inside())
			j.bool("began", c.Began)
			j.bool("ready", t.Call != nil && s.ready(c))
			j.string("waits", c.Waits)
			j.number("until", int(c.Until))
		})
	})
}

func (s *Simulation) alive() (all []*Thread) {
	for _, t := range s.Threads {
		if !t.ended && s.Over == "" {
			all = append(all, t)
		}
	}
	return all
}

func (s *Simulation) files(j *text) {
	type file struct {
		fd int
		*kernel.File
	}
	var all []file
	for fd, f := range s.Program.Files() {
		if f != nil && fd > 2 {
			all = append(all, file{fd, f})
		}
	}
	j.array("files", len(all), func(i int) {
		f := all[i]
		j.object(func() {
			j.number("fd", f.fd)
			j.bool("nonblock", f.NonBlock)
			switch of := f.Of.(type) {
			case *kernel.Stream:
				s.stream(j, of)
			case *kernel.Datagram:
				j.string("kind", "datagram")
				var in []byte
				for _, m := range of.Queue {
					in = append(in, m.Data...)
				}
				j.bytes("in", in)
			case *kernel.Epoll:
				j.string("kind", "epoll")
				j.array("interest", len(of.Interest), func(i int) {
					w := of.Interest[i]
					j.object(func() {
						j.number("fd", w.Fd)
						j.string("events", bits(w.Events, kernel.POLLIN, "IN", kernel.POLLOUT, "OUT"))
						j.string("flags", bits(w.Events, kernel.EPOLLET, "ET", kernel.EPOLLONESHOT, "ONESHOT"))
						j.bool("ready", w.IsReady())
					})
				})
				j.array("readylist", len(of.Ready), func(i int) { *j = strconv.AppendInt(*j, int64(of.Ready[i].Fd), 10) })
			case kernel.PipeReader:
				j.string("kind", "pipe")
				j.string("state", "to read from")
				j.bytes("in", make([]byte, of.Len()))
			case kernel.PipeWriter:
				j.string("kind", "pipe")
				j.string("state", "to write to")
			}
		})
	})
}

func (s *Simulation) stream(j *text, c *kernel.Stream) {
	kind := "stream"
	if c.State == kernel.Listening {
		kind = "listener"
	}
	j.string("kind", kind)
	j.string("state", c.State.String())
	j.number("client", s.clientAt(c.Peer))
	j.string("peer", s.peer(c))
	if c.State == kernel.Listening {
		j.array("queue", len(c.Queue), func(i int) { *j = strconv.AppendInt(*j, int64(s.clientAt(c.Queue[i].Peer)), 10) })
		j.array("held", len(c.Queue), func(i int) { j.object(func() { j.bytes("in", c.Queue[i].In) }) })
		j.number("half", c.HalfOpen())
		j.number("backlog", c.Room())
		return
	}
	j.bytes("in", c.In)
	j.bytes("out", c.Out)
	j.bool("fin", c.Ended)
	j.bool("closed", c.WriteEnd)
}

// clientAt is the number of the client whose socket it is, or 0.
func (s *Simulation) clientAt(c *kernel.Stream) int {
	for _, client := range s.Clients {
		if c != nil && client.stream == c {
			return client.ID
		}
	}
	return 0
}

func bits(e, one kernel.Events, name string, two kernel.Events, other string) string {
	switch {
	case e&one != 0 && e&two != 0:
		return name + "|" + other
	case e&one != 0:
		return name
	case e&two != 0:
		return other
	}
	return ""
}

func (s *Simulation) parkedState(j *text) {
	var all []Parked
	for _, p := range s.Parked {
		all = append(all, *p)
		if one := &all[len(all)-1]; one.State == suspended && s.can(one.FD, one.Why) {
			one.State = ready
		}
	}
	if s.seen != nil && len(all) == 0 { // else they are only what resumes tasks
		all = append(all, s.seen()...)
	}
	j.array("parked", len(all), func(i int) {
		p := all[i]
		j.object(func() {
			j.number("id", int(p.ID))
			j.string("kind", p.Kind)
			j.string("name", p.Name)
			j.string("site", p.Site())
			j.string("why", p.Why)
			j.string("state", p.State)
			j.number("fd", p.FD)
		})
	})
}

// can tells whether a descriptor is ready for what a coroutine waits for.
func (s *Simulation) can(fd int, why string) bool {
	if fd < 0 || fd >= len(s.Program.Files()) || s.Program.Files()[fd] == nil {
		return false
	}
	event := kernel.POLLIN
	if strings.HasSuffix(why, "written") {
		event = kernel.POLLOUT
	}
	return s.Program.Files()[fd].Of.Poll()&(event|kernel.POLLERR|kernel.POLLHUP) != 0
}

func (s *Simulation) clientsState(j *text) {
	j.array("clients", len(s.Clients), func(i int) {
		c := s.Clients[i]
		j.object(func() {
			j.number("id", c.ID)
			j.string("name", c.Name)
			state, out := "will connect", []byte(nil)
			if c.stream != nil {
				state, out = c.stream.State.String(), c.stream.Out
			}
			switch {
			case c.Failed != "":
				state = "failed"
			case c.ended:
				state = "gone"
			case c.paused && c.at > s.Now:
				state = "pauses"
			}
			j.string("state", state)
			j.string("next", c.next())
			j.string("waits", c.why(s.Now))
			j.number("want", c.replies(len(c.Steps)))
			j.number("answered", c.Answered)
			j.string("failed", c.Failed)
			j.bool("wrong", c.Wrong)
			j.bool("ended", c.ended)
			in := c.in
			if c.stream != nil {
				in = append(in[:len(in):len(in)], c.stream.In...)
			}
			j.bytes("in", in)
			j.bytes("out", out)
		})
	})
}

// waiting says why threads and clients cannot go on.
func (s *Simulation) waiting(j *text) {
	var all [][2]string
	for _, t := range s.alive() {
		switch {
		case s.runnable(t):
		case t.Call == nil:
			all = append(all, [2]string{"thread " + strconv.Itoa(t.ID), "waits for another thread"})
		default:
			all = append(all, [2]string{"thread " + strconv.Itoa(t.ID), t.Call.Text() + ": " + t.Call.Waits})
		}
	}
	for _, c := range s.Clients {
		if why := c.why(s.Now); why != "" {
			all = append(all, [2]string{c.Name, why})
		}
	}
	j.array("waiting", len(all), func(i int) {
		j.object(func() {
			j.string("who", all[i][0])
			j.string("text", all[i][1])
		})
	})
}

// text is JSON that is being written.
type text []byte

func (j *text) comma() {
	if last := (*j)[len(*j)-1]; last != '{' && last != '[' {
		*j = append(*j, ',')
	}
}

func (j *text) key(name string) {
	j.comma()
	j.quote(name)
	*j = append(*j, ':')
}

func (j *text) object(fields func()) {
	*j = append(*j, '{')
	fields()
	*j = append(*j, '}')
}

func (j *text) array(name string, n int, one func(i int)) {
	j.key(name)
	*j = append(*j, '[')
	for i := range n {
		j.comma()
		one(i)
	}
	*j = append(*j, ']')
}

func (j *text) number(name string, n int) {
	j.key(name)
	*j = strconv.AppendInt(*j, int64(n), 10)
}

func (j *text) bool(name string, is bool) {
	j.key(name)
	*j = strconv.AppendBool(*j, is)
}

func (j *text) string(name, value string) {
	j.key(name)
	j.quote(value)
}

// longest is how much of a buffer is shown.
const longest = 200

func (j *text) bytes(name string, b []byte) {
	j.key(name)
	j.object(func() {
		j.number("n", len(b))
		j.string("text", string(b[:min(len(b), longest)]))
	})
}

func (j *text) quote(value string) {
	*j = append(*j, '"')
	for _, c := range value {
		switch {
		case c == '"' || c == '\\':
			*j = append(*j, '\\', byte(c))
		case c < ' ':
			const hex = "0123456789abcdef"
			*j = append(*j, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			*j = utf8.AppendRune(*j, c)
		}
	}
	*j = append(*j, '"')
}
