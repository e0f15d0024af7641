// Package smtp is a mail server's side of SMTP (RFC 5321) without input and output: it is fed the bytes that arrived,
// and says what to answer and which mail has come. Waiting, and what becomes of the mail, are the program's.
//
// A line ends in CR LF and in nothing else (RFC 5321, section 2.3.8). A CR or LF by itself ends the conversation: a
// server that takes it for the end of a line may find a mail where another server saw text (SMTP smuggling).
//
// Of the extensions it speaks those that it can keep: PIPELINING (RFC 2920), because commands are answered one after
// the other out of a buffer; 8BITMIME (RFC 6152), because a mail's bytes are kept as they come; SIZE (RFC 1870).
//
// It is where mail ends, for reading about mail servers: it does not pass mail on, and adds no Received line to it.
package smtp

import (
	"bytes"
	"fmt"
)

// Limits. MaxLine is what a sender may count on for a line of text, its CR LF included (RFC 5321, section 4.5.3.1.6),
// and more than a command needs (512); MaxRecipients as well (4.5.3.1.8). MaxNonsense is how many lines of a
// conversation may be no command.
const (
	MaxLine       = 1000
	MaxRecipients = 100
	MaxNonsense   = 20
)

// Mail is one that has arrived.
type Mail struct {
	From string   // the reverse path, without its angle brackets: "" for a notice of non-delivery
	To   []string // the forward paths
	Body []byte   // headers and text as they were before dot-stuffing; every line ends in CR LF
}

// Step is what follows from one line, or from a whole mail.
type Step struct {
	Reply []byte // to be written; whole lines
	Mail  *Mail  // that arrived with this step; the reply says that we have it, so have it first
	Close bool   // the conversation ends after the reply
}

// Session is one conversation. Make it with New.
type Session struct {
	host    string
	maxSize int
	inbox   []byte
	seen    int // bytes of the inbox in which no line ends
	closed  bool

	nonsensical       int  // lines so far that were no command
	greeted, extended bool // HELO or EHLO was said; it was EHLO
	mail              *Mail
	data              bool   // the text of a mail arrives
	within            bool   // a line of it that is too long
	refused           string // why it is not taken, to be said at its end
}

// New begins a conversation. host is what we call ourselves; maxSize is the largest mail, in bytes.
func New(host string, maxSize int) *Session { return &Session{host: host, maxSize: maxSize} }

// Greeting is what we say first, before the client says anything.
func (s *Session) Greeting() []byte { return s.say("220 %s ESMTP: mail ends here", s.host).Reply }

// Add puts bytes that arrived behind those that wait.
func (s *Session) Add(arrived []byte) {
	if !s.closed {
		s.inbox = append(s.inbox, arrived...)
	}
}

// Next goes on by one answer; ok is false when that needs more bytes. Call it until then, so that what waits is never
// more than one line.
func (s *Session) Next() (step Step, ok bool) {
	for !s.closed {
		line, state := s.line()
		switch {
		case state == incomplete:
			return Step{}, false
		case state == bare:
			return s.hangUp("500 a CR or LF by itself: lines end in CR LF"), true
		case state == tooLong && !s.data:
			return s.hangUp("500 line too long"), true
		case !s.data:
			return s.command(string(line)), true
		}
		switch {
		case state == tooLong || s.within: // what follows is not the beginning of a line, and so never the end of the mail
			s.refuse("500 a line of the mail is too long")
			s.within = state == tooLong
		case string(line) == ".":
			return s.arrived(), true
		default:
			s.text(line)
		}
	}
	return Step{}, false
}

// What the inbox begins with.
const (
	incomplete = iota // the beginning of a line
	whole             // a line, which is cut off
	tooLong           // the beginning of a line that is too long, which is cut off
	bare              // a CR or LF by itself comes before the line's end
)

// line cuts the next line off the inbox, without its CR LF.
func (s *Session) line() (line []byte, state int) {
	i := bytes.IndexAny(s.inbox[s.seen:], "\r\n")
	if i < 0 {
		s.seen = len(s.inbox)
	} else {
		s.seen += i
	}
	end, limit := s.seen, MaxLine-2
	if s.data && end > 0 && s.inbox[0] == '.' {
		limit++ // a dot that stuffs does not count
	}
	switch {
	case end > limit:
		return s.cut(limit, 0), tooLong
	case i < 0 || end+1 == len(s.inbox) && s.inbox[end] == '\r': // the LF may be on its way
		return nil, incomplete
	case s.inbox[end] == '\n' || s.inbox[end+1] != '\n':
		return nil, bare
	}
	return s.cut(end, 2), whole
}

// cut takes n bytes and throws away some more.
func (s *Session) cut(n, more int) []byte {
	line := s.inbox[:n]
	s.inbox, s.seen = s.inbox[n+more:], 0
	return line
}

// text adds a line to the mail that arrives. A sender puts a dot before a line that begins with one, so that no text
// looks like the end; the receiver takes it off again (RFC 5321, section 4.5.2).
func (s *Session) text(line []byte) {
	if len(line) > 0 && line[0] == '.' {
		line = line[1:]
	}
	if len(s.mail.Body)+len(line)+2 > s.maxSize {
		s.refuse(tooLarge)
	}
	if s.refused == "" {
		s.mail.Body = append(append(s.mail.Body, line...), '\r', '\n')
	}
}

const tooLarge = "552 the mail is too large"

// refuse remembers the first reason. What still comes of the mail is read and thrown away: the sender listens again
// only when it has sent all.
func (s *Session) refuse(why string) {
	if s.refused == "" {
		s.refused, s.mail.Body = why, nil
	}
}

// arrived ends a mail.
func (s *Session) arrived() Step {
	mail, refused := s.mail, s.refused
	s.reset()
	if refused != "" {
		return s.say("%s", refused)
	}
	step := s.say("250 we have it, %d bytes", len(mail.Body))
	step.Mail = mail
	return step
}

// reset forgets the mail that was begun, and nothing else.
func (s *Session) reset() { s.mail, s.data, s.within, s.refused = nil, false, false, "" }

func (s *Session) say(format string, values ...any) Step {
	return Step{Reply: fmt.Appendf(nil, format+"\r\n", values...)}
}

func (s *Session) hangUp(format string, values ...any) Step {
	s.closed, s.inbox = true, nil
	s.reset()
	step := s.say(format, values...)
	step.Close = true
	return step
}
