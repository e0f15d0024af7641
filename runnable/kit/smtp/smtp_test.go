package smtp

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// talk feeds a session in pieces of the given size and returns what it answered, the mail that came, and whether it
// hung up.
func talk(s *Session, text string, size int) (replies string, mails []Mail, closed bool) {
	for text != "" {
		n := min(size, len(text))
		s.Add([]byte(text[:n]))
		text = text[n:]
		for step, ok := s.Next(); ok; step, ok = s.Next() {
			replies += string(step.Reply)
			if step.Mail != nil {
				mails = append(mails, *step.Mail)
			}
			closed = closed || step.Close
		}
	}
	return replies, mails, closed
}

// codes are the replies' numbers; the lines of one reply count once.
func codes(replies string) string {
	var all []string
	for line := range strings.Lines(replies) {
		if len(line) > 3 && line[3] == ' ' {
			all = append(all, line[:3])
		}
	}
	return strings.Join(all, " ")
}

func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

const hello, begun = "EHLO client.example\r\n", "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"

func TestConversations(t *testing.T) {
	for name, x := range map[string]struct{ says, want string }{
		"a mail": {hello + begun + crlf("Subject: x", "", "text", ".") + "QUIT\r\n",
			"250 250 250 354 250 221"},
		"no mail without a greeting": {"MAIL FROM:<a@b.example>\r\n" + hello, "503 250"},
		"RCPT before MAIL":           {hello + "RCPT TO:<a@b.example>\r\n", "250 503"},
		"DATA before RCPT":           {hello + "DATA\r\nMAIL FROM:<>\r\nDATA\r\n", "250 503 250 503"},
		"MAIL in a mail":             {hello + "MAIL FROM:<>\r\nMAIL FROM:<>\r\n", "250 250 503"},
		"RSET forgets":               {hello + "MAIL FROM:<>\r\nRSET\r\nRCPT TO:<a@b>\r\nMAIL FROM:<>\r\n", "250 250 250 503 250"},
		"EHLO forgets too":           {hello + "MAIL FROM:<>\r\n" + hello + "RCPT TO:<a@b>\r\n", "250 250 250 503"},
		"a mail ends the mail": {hello + begun + ".\r\nRCPT TO:<a@b>\r\nMAIL FROM:<>\r\n",
			"250 250 250 354 250 503 250"},
		"small letters":          {"ehlo x\r\nmail from:<a@b>\r\nrcpt to:<Postmaster>\r\n", "250 250 250"},
		"what takes no argument": {"RSET x\r\nQUIT x\r\nNOOP x\r\nVRFY\r\nVRFY me\r\nEXPN us\r\nHELP\r\nEHLO\r\nEHLO a b\r\n", "501 501 250 501 252 502 214 501 501"},
		"no such command":        {"STARTTLS\r\n\r\nEH LO\r\n", "500 500 500"},
		"HTTP":                   {"POST / HTTP/1.1\r\n" + hello + begun + ".\r\n", "421"},
		"HTTP, later and odd":    {hello + "m-search * HTTP/1.0\r\n" + begun + ".\r\n", "250 421"},
		"that is no HTTP":        {"GET it\r\nHELP HTTP/1.1 please\r\n", "500 214"},
		"nothing but nonsense": {strings.Repeat("what?\r\n", MaxNonsense) + hello + begun + ".\r\n",
			strings.Repeat("500 ", MaxNonsense-1) + "421"},
		"some nonsense": {strings.Repeat("what?\r\n", MaxNonsense-1) + hello,
			strings.Repeat("500 ", MaxNonsense-1) + "250"},
		"as many mistakes as it may": {hello + strings.Repeat("DATA\r\nMAIL FROM:you\r\n", MaxNonsense) + begun + ".\r\n",
			"250" + strings.Repeat(" 503 501", MaxNonsense) + " 250 250 354 250"},
		"sizes":                  {hello + "MAIL FROM:<> SIZE=99999999999999999999\r\nMAIL FROM:<> SIZE=999999999999999999999\r\nMAIL FROM:<> SIZE=+1\r\nMAIL FROM:<> SIZE\r\n", "250 552 555 555 555"},
		"parameters":             {hello + "MAIL FROM:<a@b> BODY=8BITMIME SIZE=100\r\nRCPT TO:<a@b> NOTIFY=NEVER\r\n", "250 250 555"},
		"one it does not know":   {hello + "MAIL FROM:<a@b> SMTPUTF8\r\n", "250 555"},
		"none after HELO":        {"HELO x\r\nMAIL FROM:<a@b> SIZE=1\r\n", "250 555"},
		"too large, and says so": {hello + "MAIL FROM:<a@b> SIZE=2001\r\n", "250 552"},
		"too large, and does not": {hello + begun + strings.Repeat("0123456789\r\n", 200) + ".\r\n" + begun,
			"250 250 250 354 552 250 250 354"},
		"8 bits in a command": {"EHLO b\xc3\xbccher.example\r\n", "500"},
		"at most 100 recipients": {hello + "MAIL FROM:<>\r\n" + strings.Repeat("RCPT TO:<a@b>\r\n", 101),
			"250 250" + strings.Repeat(" 250", 100) + " 452"},
	} {
		for _, size := range []int{1, 7, 1 << 20} {
			got, _, _ := talk(New("mail.example", 2000), x.says, size)
			if codes(got) != x.want {
				t.Errorf("%s, in pieces of %d: %s, want %s\n%s", name, size, codes(got), x.want, got)
			}
		}
	}
}

func TestPaths(t *testing.T) {
	for path, ok := range map[string]bool{
		"<a@b.example>": true, "<>": true, "<a.b+c=d@e-f.example>": true, `<"a b\"c@d"@e.example>`: true,
		"<a@[127.0.0.1]>":              true,
		"<@relay.example:a@b.example>": true, "<@a,@b.c:d@e>": true, "<@a:>": false, "<@:a@b>": false, "<@a,b:c@d>": false,
		"<@a@b>":      false,
		"a@b.example": false, "<a@b.example": false, "<a b@c>": false, "<a@>": false,
		"<@b>": false, "<a..b@c>": false, "<a@-b>": false, "<a@b>x": false, "": false, "<a@b@c>": false, " <a@b>": false,
		"<" + strings.Repeat("a", 300) + "@b>": false,
	} {
		want := "250 501"
		if ok {
			want = "250 250"
		}
		if got, _, _ := talk(New("h", 1000), hello+"MAIL FROM:"+path+"\r\n", 1000); codes(got) != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	_, mails, _ := talk(New("h", 1000), hello+"MAIL FROM:<@x.example:a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n", 1000)
	if len(mails) != 1 || mails[0].From != "a@b" || fmt.Sprint(mails[0].To) != "[c@d]" {
		t.Errorf("%+v", mails)
	}
}

// TestC3_19: only CR LF ends a line. What would smuggle a second mail past a server that forgives ends the conversation.
func TestC3_19(t *testing.T) {
	smuggled := begun + "inside\r\n.\r\n"
	for _, text := range []string{
		"EHLO x\n", "EHLO x\r", "EHLO\rx\r\n", "NOOP\n\r\n",
		hello + begun + "text\n.\n" + smuggled, hello + begun + "text\n.\r\n" + smuggled,
		hello + begun + "text\r\n.\n" + smuggled, hello + begun + "text\r\n.\r" + smuggled,
		hello + begun + "text\r.\r\n" + smuggled,
	} {
		for _, size := range []int{1, 1 << 20} {
			got, mails, closed := talk(New("h", 1<<20), text+"NOOP\r\n", size)
			if len(mails) > 0 || !closed || !strings.HasSuffix(codes(got), "500") {
				t.Errorf("%q: %d mails, hung up: %v, after\n%s", text, len(mails), closed, got)
			}
		}
	}
}

// TestC3_20: a mail ends at CR LF . CR LF; a dot that stuffs is taken off, and all else is kept to the byte.
func TestC3_20(t *testing.T) {
	sent := crlf("Subject: dots", "", "..", "...", "..x", "a.", "", " .", "\x00\xff", ".")
	want := crlf("Subject: dots", "", ".", "..", ".x", "a.", "", " .", "\x00\xff")
	for _, size := range []int{1, 2, 3, 1 << 20} {
		_, mails, _ := talk(New("h", 1<<20), hello+begun+sent+begun+".\r\n", size)
		if len(mails) != 2 || string(mails[0].Body) != want || len(mails[1].Body) != 0 {
			t.Errorf("in pieces of %d: %q", size, mails)
		}
	}
}

// TestLimits: the longest line is taken and a longer one is not, wherever the rest of it looks like the end of the mail.
func TestLimits(t *testing.T) {
	longest := strings.Repeat("x", MaxLine-2)
	for text, want := range map[string]string{
		longest: "250", "." + longest: "250", longest + "x": "500", longest + longest + longest: "500", longest + ".": "500",
		"x" + longest + ".": "500",
	} {
		got, _, _ := talk(New("h", 1<<20), hello+begun+text+"\r\n.\r\nNOOP\r\n", 100)
		if codes(got) != "250 250 250 354 "+want+" 250" {
			t.Errorf("a line of %d: %s", len(text), codes(got))
		}
	}
	if got, _, closed := talk(New("h", 1<<20), "NOOP "+longest+"\r\n", 1); codes(got) != "500" || !closed {
		t.Errorf("a command without end: %s", got)
	}
}

// FuzzPieces: in whatever pieces a conversation arrives, the same comes of it; nothing that waits grows beyond a line; and
// no mail holds what could end a line elsewhere.
func FuzzPieces(f *testing.F) {
	f.Add([]byte(hello+begun+"..\r\n.\r\nQUIT\r\n"), 3)
	f.Add([]byte(hello+begun+strings.Repeat("x", 2000)+".\r\n.\r\n"), 999)
	f.Add([]byte("EHLO x\n"), 1)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		size = max(1, size)
		one, many := New("h", 3000), New("h", 3000)
		replies, mails, closed := talk(one, string(text), len(text)+1)
		replies2, mails2, closed2 := talk(many, string(text), size)
		if replies != replies2 || fmt.Sprint(mails) != fmt.Sprint(mails2) || closed != closed2 {
			t.Fatalf("at once\n%s%v\nin pieces of %d\n%s%v", replies, mails, size, replies2, mails2)
		}
		if len(one.inbox) > MaxLine {
			t.Errorf("%d bytes wait", len(one.inbox))
		}
		for _, m := range mails {
			rest := bytes.ReplaceAll(m.Body, []byte("\r\n"), nil)
			if bytes.ContainsAny(rest, "\r\n") || len(m.Body) > 3000 || len(m.To) == 0 {
				t.Errorf("%+v", m)
			}
		}
	})
}
