package smtp

import (
	"regexp"
	"strconv"
	"strings"
)

// command answers one command line. The order of commands is RFC 5321, section 4.1.4: a greeting, then for each mail MAIL,
// RCPT for each recipient, DATA.
func (s *Session) command(line string) Step {
	if strings.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' || c > '~' }) {
		return s.say("500 a command is of printable ASCII")
	}
	verb, rest, _ := strings.Cut(line, " ")
	rest = strings.Trim(rest, " \t")
	switch verb = strings.ToUpper(verb); verb {
	case "EHLO", "HELO":
		if rest == "" || strings.ContainsAny(rest, " \t") {
			return s.say("501 say who you are: %s example.org", verb)
		}
		s.reset() // a mail that was begun is over (section 4.1.4)
		s.greeted, s.extended = true, verb == "EHLO"
		if s.extended {
			return s.say("250-%s\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE %d", s.host, s.maxSize)
		}
		return s.say("250 %s", s.host)
	case "MAIL":
		return s.from(rest)
	case "RCPT":
		return s.to(rest)
	case "DATA", "RSET", "QUIT":
		if rest != "" {
			return s.say("501 %s stands alone", verb)
		}
		return s.alone(verb)
	case "NOOP":
		return s.say("250 done, and nothing was to do")
	case "VRFY":
		if rest == "" {
			return s.say("501 verify whom?")
		}
		return s.say("252 send it, and see: we do not tell who is here") // section 7.3
	case "HELP":
		return s.say("214 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY QUIT: see RFC 5321")
	case "EXPN":
		return s.say("502 there are no lists here")
	}
	return s.say("500 no such command")
}

// alone answers a command that takes no argument.
func (s *Session) alone(verb string) Step {
	switch {
	case verb == "RSET":
		s.reset()
		return s.say("250 forgotten")
	case verb == "QUIT":
		return s.hangUp("221 good bye")
	case s.mail == nil:
		return s.say("503 first MAIL, then RCPT, then DATA")
	case len(s.mail.To) == 0:
		return s.say("503 for whom? RCPT comes before DATA")
	}
	s.data = true
	return s.say("354 go on; a line of one dot ends it")
}

func (s *Session) from(rest string) Step {
	switch {
	case !s.greeted:
		return s.say("503 first say who you are: EHLO or HELO")
	case s.mail != nil:
		return s.say("503 one mail at a time: RSET forgets the one that was begun")
	}
	path, parameters, ok := argument(rest, "FROM:")
	if !ok || path != "" && !mailbox.MatchString(path) {
		return s.say("501 want MAIL FROM:<name@example.org>, or <> for a notice")
	}
	for _, p := range strings.Fields(parameters) {
		name, value, _ := strings.Cut(strings.ToUpper(p), "=")
		size, err := strconv.ParseUint(value, 10, 63)
		switch {
		case s.extended && name == "BODY" && (value == "7BIT" || value == "8BITMIME"):
		case s.extended && name == "SIZE" && err == nil && size <= uint64(s.maxSize):
		case s.extended && name == "SIZE" && err == nil:
			return s.say(tooLarge)
		default:
			return s.say("555 no such parameter")
		}
	}
	s.mail = &Mail{From: path}
	return s.say("250 from <%s>", path)
}

func (s *Session) to(rest string) Step {
	if s.mail == nil {
		return s.say("503 MAIL comes before RCPT")
	}
	path, parameters, ok := argument(rest, "TO:")
	switch {
	case !ok || !mailbox.MatchString(path) && !strings.EqualFold(path, "postmaster"): // who is always there (section 4.5.1)
		return s.say("501 want RCPT TO:<name@example.org>")
	case parameters != "":
		return s.say("555 no such parameter")
	case len(s.mail.To) == MaxRecipients:
		return s.say("452 enough recipients for one mail")
	}
	s.mail.To = append(s.mail.To, path)
	return s.say("250 to <%s>", path)
}

// argument reads FROM:<path> parameters. A source route before the mailbox is read over (section 4.1.1.3).
func argument(text, keyword string) (path, parameters string, ok bool) {
	if len(text) < len(keyword) || !strings.EqualFold(text[:len(keyword)], keyword) {
		return "", "", false
	}
	m := bracketed.FindStringSubmatch(text[len(keyword):])
	if m == nil || len(m[1]) > 254 { // 256 with the brackets (section 4.5.3.1.3)
		return "", "", false
	}
	return m[1], strings.TrimSpace(m[2]), true
}

var (
	bracketed = regexp.MustCompile(`^<(?:@[A-Za-z0-9.,@-]+:)?((?:"(?:[^"\\]|\\.)*"|[^<>"])*)>( .*)?$`)

	// mailbox is the grammar of section 4.1.2: words with dots between them, or a quoted text; then a domain, or an address
	// in brackets.
	mailbox = regexp.MustCompile("^(?:" + atom + `(?:\.` + atom + `)*|"(?:[ !#-\[\]-~]|\\[ -~])*")@(?:` + label + `(?:\.` + label + `)*|\[[0-9A-Za-z.:]+\])$`)
)

const (
	atom  = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
	label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
)
