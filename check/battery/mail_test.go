//go:build linux || darwin

package battery

import (
	"bufio"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"era/catalogue"
	"era/check/servertest"
	"era/internal/hang"
)

// speaking runs a test for every server of a protocol in every language.
func speaking(t *testing.T, p catalogue.Protocol, test func(t *testing.T, s *server)) {
	for _, s := range catalogue.Servers() {
		if s.Speaks != p || s.Mistake != "" || s.Cure != "" {
			continue
		}
		for _, language := range s.Languages {
			v := catalogue.Variant{Server: s, Language: language}
			t.Run(s.ID+"/"+string(language), func(t *testing.T) {
				t.Parallel()
				test(t, start(t, v, "127.0.0.1:1", manyFiles))
			})
		}
	}
}

// smtplib delivers as programs do: Python's own client, two mails in one conversation, dots and 8-bit text.
const smtplib = `
import smtplib, sys
from email.message import EmailMessage
host, port = sys.argv[1].split(":")
with smtplib.SMTP(host, int(port), timeout=30) as server:
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = "ann@client.example", "bob@server.example, eve@server.example", "Grüße"
    m.set_content(".\n..\n.x\nlast")
    assert server.send_message(m) == {}
    assert server.has_extn("pipelining") and server.has_extn("size") and server.has_extn("8bitmime")
    m = b"Subject: two\r\n\r\n" + "ü".encode() + b"\r\n"
    assert server.sendmail("", ["postmaster"], m, mail_options=["BODY=8BITMIME"]) == {}
    assert server.verify("bob")[0] == 252
    try:
        server.sendmail("a@b.example", "not an address", m)
        sys.exit("an invalid address was accepted")
    except smtplib.SMTPRecipientsRefused as refused:
        assert list(refused.recipients.values())[0][0] == 501
    try:
        server.sendmail("a@b.example", "c@d.example", b"x" * (2 << 20))
        sys.exit("a mail beyond the announced size was accepted")
    except smtplib.SMTPResponseException as refused:
        assert refused.smtp_code == 552, refused
`

func TestMailFromSmtplib(t *testing.T) {
	python := servertest.Need(t, "python3")
	speaking(t, catalogue.Mail, func(t *testing.T, s *server) {
		servertest.Run(t, python, "-c", smtplib, s.addr)
		s.checkMail(t, "ann@client.example", "bob@server.example", "postmaster", "two")
		s.checkWell(t)
	})
}

// TestMailFromCurl: another client, if it is installed and has SMTP.
func TestMailFromCurl(t *testing.T) {
	if out, err := exec.Command("curl", "--version").Output(); err != nil || !strings.Contains(string(out), "smtp") {
		t.Skip("no curl with SMTP")
	}
	speaking(t, catalogue.Mail, func(t *testing.T, s *server) {
		cmd := exec.Command("curl", "-sS", "--max-time", "30", "smtp://"+s.addr, "--mail-from", "ann@client.example",
			"--mail-rcpt", "bob@server.example", "--upload-file", "-")
		cmd.Stdin = strings.NewReader("Subject: from curl\r\n\r\n.\r\n.x\r\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", cmd, err, out)
		}
		s.checkMail(t, "from curl")
		s.checkWell(t)
	})
}

// checkMail checks that the server has logged mail.
func (s *server) checkMail(t *testing.T, words ...string) {
	t.Helper()
	for _, word := range words {
		// The log is read a little later than it is written.
		hang.Await(t, "the server to tell of "+word, func() string {
			if said := s.stderr.String(); !strings.Contains(said, word) {
				return "it said: " + said
			}
			return ""
		})
	}
}

// TestMailConversations: the rules of kit/smtp hold at the socket as well, in both languages.
func TestMailConversations(t *testing.T) {
	const begin = "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
	speaking(t, catalogue.Mail, func(t *testing.T, s *server) {
		for _, x := range []struct{ name, says, want string }{
			{"pipelined", begin + "Subject: x\r\n\r\n..\r\n.\r\nQUIT\r\n", "220 250 250 250 354 250 221"},
			{"C3.19 a bare LF ends it", begin + "text\n.\r\n" + begin, "220 250 250 250 354 500"},
			{"C3.19 a bare CR is no end", begin + "text\r\n.\rx\r\n" + begin, "220 250 250 250 354 500"},
			{"C3.19 LF alone after a command", "EHLO x\n" + begin, "220 500"},
			{"out of order", "MAIL FROM:<a@b>\r\nEHLO x\r\nDATA\r\nRCPT TO:<a@b>\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\nRSET\r\nDATA\r\nQUIT\r\n",
				"220 503 250 503 503 250 503 250 503 221"},
			{"a line too long", begin + strings.Repeat("x", 1200) + ".\r\n.\r\nQUIT\r\n", "220 250 250 250 354 500 221"},
			{"a command without end", strings.Repeat("x", 200_000), "220 500"},
			{"a command too long", "NOOP " + strings.Repeat("x", 1200) + "\r\n" + begin, "220 500"},
			{"a web page's POST", "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + begin + "Subject: from a page\r\n\r\n.\r\n",
				"220 421"},
			{"nothing but nonsense", strings.Repeat("what?\r\n", 20) + begin, "220" + strings.Repeat(" 500", 19) + " 421"},
			{"help", "HELP\r\nEXPN all\r\nVRFY me\r\nQUIT\r\n", "220 214 502 252 221"},
			{"nonsense", "HELLO\r\nEHLO\r\nMAIL\r\nEHLO b\xfcro\r\nQUIT\r\n", "220 500 501 503 500 221"},
			{"a subject that no charset decodes", begin + "Subject: =?rot13?q?aa?==?unicode_escape?q?=5Cud800?=\"]\r\n\r\nx\r\n.\r\nQUIT\r\n",
				"220 250 250 250 354 250 221"},
			{"it leaves in the middle", begin + "half a ma", "220 250 250 250 354"},
		} {
			t.Run(x.name, func(t *testing.T) {
				if got := codes(converse(t, s, x.says)); got != x.want {
					t.Errorf("%s, want %s", got, x.want)
				}
			})
		}
		s.checkWell(t)
	})
}

// converse sends everything at once and returns the replies, the last line of each.
func converse(t *testing.T, s *server, says string) (replies []string) {
	t.Helper()
	c := dial(t, s)
	go func() {
		io.WriteString(c, says) // fails if the server hangs up first, as it may
		c.CloseWrite()
	}()
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		if line := lines.Text(); len(line) > 3 && line[3] == ' ' {
			replies = append(replies, line)
		}
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
	return replies
}

func codes(replies []string) string {
	var all []string
	for _, reply := range replies {
		all = append(all, reply[:3])
	}
	return strings.Join(all, " ")
}

// TestMailTwins: the servers in Go and Python accept the same commands, and read the same addresses from them. Half of
// the paths are right, and the others are right paths with something inserted.
func TestMailTwins(t *testing.T) {
	const paths = 2000
	random := rand.New(rand.NewPCG(5321, 0))
	one := func(of ...string) string { return of[random.IntN(len(of))] }
	commands := []string{"EHLO x"}
	for range paths {
		path := "<" + one("", "", "@hop:", "@hop.example,@b-2.example:") +
			one("a", "b-c", "x.y", `"a b"`, `"\""`, `"<>@"`, `""`, "{}/=", strings.Repeat("l", 242), strings.Repeat("l", 243)) +
			"@" + one("b.example", "b.example", "x-1", "[127.0.0.1]", "[IPv6:::1]") + ">" +
			one("", "", "", " ", " SIZE=1", " size=9999999", " SIZE=18446744073709551616", " SIZE=x", " BODY=8BITMIME  SIZE=2")
		if random.IntN(2) == 0 {
			i := random.IntN(len(path))
			path = path[:i] + one(".", "@", ",", ":", `"`, `\`, "<", ">", " ", "\t", "-", "_", "[", "]", "x", path[:i]) +
				path[i:]
		}
		commands = append(commands, "MAIL FROM:"+path, "RSET", "MAIL FROM:<>", "rcpt to:"+path, "RSET")
	}
	var first []string
	for _, language := range []catalogue.Language{catalogue.Go, catalogue.Python} {
		v, err := catalogue.Find("mailserver/" + string(language))
		if err != nil {
			t.Fatal(err)
		}
		replies := converse(t, start(t, v, "127.0.0.1:1", manyFiles), strings.Join(commands, "\r\n")+"\r\nQUIT\r\n")
		if first == nil {
			first = replies
		}
		if len(replies) != 5*paths+3 || len(first) != len(replies) {
			t.Fatalf("%s: %d replies, want %d", v, len(replies), 5*paths+3)
		}
		taken := 0
		for i, command := range commands[1:] {
			theirs, ours := first[i+2], replies[i+2]
			switch {
			case command == "MAIL FROM:<>":
			case strings.HasPrefix(ours, "250 ") && strings.Contains(command, ":"):
				taken++
			default: // a refusal is in the server's own words
				theirs, ours = theirs[:3], ours[:3]
			}
			if theirs != ours {
				t.Errorf("%q: %s in Go, %s in Python", command, theirs, ours)
			}
		}
		if taken < paths/2 || taken > paths*3/2 {
			t.Errorf("%d of %d were accepted: too few or too many to prove anything", taken, 2*paths)
		}
	}
}

// TestMailTwinsConverse: to any commands in any order, the servers in Go and Python answer with the same codes, and
// have the same mails.
func TestMailTwinsConverse(t *testing.T) {
	random := rand.New(rand.NewPCG(5321, 1))
	lines := []string{"EHLO x", "EHLO x", "HELO x", "EHLO", "EHLO  x", "EHLO\tx", "EHLO x y", " EHLO x", "MAIL FROM:<a@b>",
		"mail from:<>", "MAIL FROM: <a@b>",
		"MAIL FROM:<a@b> SIZE=5", "RCPT TO:<c@d>", "RCPT TO:<c@d> ", "DATA", "DATA", "DATA x", ".", ".", "..", ".x", "text",
		"", "RSET", "RSET ", "NOOP x", "VRFY", "VRFY x",
		"EXPN", "HELP x", "STARTTLS", "\xff", "\x00", "QUIT x", "x HTTP/1.1", "GET / HTTP/1.1"}
	for _, n := range []int{998, 999} { // with and without the dot that stuffs, as long as a line may be, and longer
		lines = append(lines, strings.Repeat("x", n), "."+strings.Repeat("x", n))
	}
	servers := map[string]*server{}
	for _, name := range []string{"mailserver", "mailserver/python"} {
		v, err := catalogue.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		servers[name] = start(t, v, "127.0.0.1:1", manyFiles)
	}
	for i := range 300 {
		says := []string{"", "EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"}[i%2]
		for range 1 + random.IntN(25) {
			says += lines[random.IntN(len(lines))] + "\r\n"
		}
		if random.IntN(8) == 0 { // half of a line end
			i := random.IntN(len(says))
			says = says[:i] + []string{"\r", "\n"}[random.IntN(2)] + says[i:]
		}
		answers := func(name string) (all []string) {
			for _, reply := range converse(t, servers[name], says) {
				if !strings.HasPrefix(reply, "250 we have it") { // with its length
					reply = reply[:3]
				}
				all = append(all, reply)
			}
			return all
		}
		if ours, theirs := answers("mailserver"), answers("mailserver/python"); !slices.Equal(ours, theirs) {
			t.Errorf("%q\n    Go %q\nPython %q", says, ours, theirs)
		}
	}
	for _, s := range servers {
		s.checkWell(t)
	}
}

// TestMailIsShown: the page shows the mail, with everything escaped that would act on a browser or a terminal.
func TestMailIsShown(t *testing.T) {
	v, err := catalogue.Find("mailserver")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, v, "127.0.0.1:1", manyFiles)
	var page string
	hang.Await(t, "the address of the page", func() string {
		page = regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(s.stderr.String())
		if page == "" {
			return "not said yet"
		}
		return ""
	})
	c := dial(t, s)
	c.send("HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n" +
		"Subject: =?utf-8?q?gr=C3=BCn_=1B[31mred?=\r\n\r\n\x1b]0;title\x07\r\n..\r\n.\r\nQUIT\r\n")
	if _, err := io.ReadAll(c); err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	want := "1 kept, the newest first\n\nmail from <a@b.example> to <c@d.example>, 60 bytes: grün \\x1b[31mred\n" +
		"    Subject: =?utf-8?q?gr=C3=BCn_=1B[31mred?=\n    \n    \\x1b]0;title\\a\n    .\n"
	if string(body) != want || response.Header.Get("Content-Type") != "text/plain" || err != nil {
		t.Errorf("%s\n%q\nwant\n%q (%v)", response.Header, body, want, err)
	}
	s.checkMail(t, "]0;title")
	if strings.ContainsAny(s.stderr.String(), "\x1b\x07") {
		t.Errorf("the log is not escaped: %q", s.stderr.String())
	}
	if burned, err := http.Get(page + "burn?ms=2000"); err != nil {
		t.Error(err)
	} else {
		// The page, without work for the server.
		if again, err := io.ReadAll(burned.Body); string(again) != want || err != nil {
			t.Errorf("%q, %v", again, err)
		}
		burned.Body.Close()
	}
	missing, err := http.Get(page + "nowhere")
	if err != nil {
		t.Fatal(err)
	}
	missing.Body.Close()
	if missing.StatusCode != http.StatusNotFound {
		t.Error(missing.Status)
	}
}
