package smtp

import (
	"regexp"
	"strconv"
	"strings"
)

// command answers one command line. The order of commands is RFC 5321, section 4.1.4: a greeting, then for each mail
// MAIL, RCPT for each recipient, DATA.
func (s *Session) command(line string) Step {
	if strings.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' || c > '~' }) {
		return s.nonsense("500 a command is of printable ASCII")
	}
	if httpRequest.MatchString(line) {
		return s.hangUp("421 %s takes mail, and that was HTTP", s.host)
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
	return s.nonsense("500 no such command")
}

// httpRequest is the first line of an HTTP request. Any web page can make a browser send one to this port, and the
// body, which the page wrote, would be taken for commands. It is an attack, so it ends the conversation (section 7.8).
var httpRequest = regexp.MustCompile(`^\S+ .*HTTP/[0-9.]+$`)

// nonsense answers a line that is no command. The client must not lose the connection for that (section 3.8); one that
// goes on with it is not a mail program.
func (s *Session) nonsense(reply string) Step {
	if s.nonsensical++; s.nonsensical == MaxNonsense {
		return s.hangUp("421 %s has understood none of that", s.host)
	}
	return s.say("%s", reply)
}

// alone answers a command that takes no argument.
func (s *Session) alone(verb string) Step {
	switch {
	case verb == "RSET":
		s.reset()
		return s.say("250 forgotten")
	case verb == "QUIT":
		return s.hangUp("221 %s good bye", s.host)
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
	path, parameters, ok := argument(from, rest)
	if !ok {
		return s.say("501 want MAIL FROM:<name@example.org>, or <> for a notice")
	}
	for _, p := range strings.Fields(strings.ToUpper(parameters)) {
		size, isSize := strings.CutPrefix(p, "SIZE=")
		switch {
		case s.extended && (p == "BODY=7BIT" || p == "BODY=8BITMIME"):
		case !s.extended || !isSize || !digits.MatchString(size):
			return s.say("555 no such parameter")
		default:
			if n, err := strconv.Atoi(size); n > s.maxSize || err != nil { // an error: it is larger than an int
				return s.say(tooLarge)
			}
		}
	}
	s.mail = &Mail{From: path}
	return s.say("250 from <%s>", path)
}

func (s *Session) to(rest string) Step {
	if s.mail == nil {
		return s.say("503 MAIL comes before RCPT")
	}
	path, parameters, ok := argument(to, rest)
	switch {
	case !ok:
		return s.say("501 want RCPT TO:<name@example.org>")
	case parameters != "":
		return s.say("555 no such parameter")
	case len(s.mail.To) == MaxRecipients:
		return s.say("452 enough recipients for one mail")
	}
	s.mail.To = append(s.mail.To, path)
	return s.say("250 to <%s>", path)
}

// argument reads what stands behind MAIL or RCPT.
func argument(grammar *regexp.Regexp, text string) (path, parameters string, ok bool) {
	m := grammar.FindStringSubmatch(text)
	if m == nil || len(m[1]) > maxPath {
		return "", "", false
	}
	return m[1], strings.TrimSpace(m[2]), true
}

// The grammar of paths (section 4.1.2): words with dots between them, or a quoted text; then a domain, or an address in
// brackets. A source route may come before them, and is read over. The null path is for notices; postmaster is
// everywhere (section 4.5.1).
var (
	from   = regexp.MustCompile(`^(?i:FROM:)<(?:` + route + `(` + mailbox + `)|)>(?: (.*))?$`)
	to     = regexp.MustCompile(`^(?i:TO:)<` + route + `(` + mailbox + `|(?i:postmaster))>(?: (.*))?$`)
	digits = regexp.MustCompile(`^[0-9]{1,20}$`) // RFC 1870, section 4
)

const (
	maxPath = 254 // 256 with the angle brackets (section 4.5.3.1.3)

	atom    = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
	label   = `[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?`
	domain  = label + `(?:\.` + label + `)*`
	route   = `(?:@` + domain + `(?:,@` + domain + `)*:)?`
	mailbox = `(?:` + atom + `(?:\.` + atom + `)*|"(?:[ !#-\[\]-~]|\\[ -~])*")@(?:` + domain + `|\[[0-9A-Za-z.:]+\])`
)
