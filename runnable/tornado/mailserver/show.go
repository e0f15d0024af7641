package main

import (
	"bytes"
	"fmt"
	"log"
	"mime"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"era/runnable/kit/aio"
	"era/runnable/kit/http1"
	"era/runnable/kit/httpserver"
	"era/runnable/kit/smtp"
	"era/runnable/kit/sys"
)

// mailbox holds the latest mails, the oldest first. One thread runs all tasks, so there is nothing to lock.
type mailbox struct{ mails []string }

const keeps = 50

// add formats a mail, keeps it, and logs its beginning.
func (m *mailbox) add(mail smtp.Mail) {
	text := format(mail)
	lines := strings.SplitAfterN(text, "\n", 12)
	log.Print(strings.Join(lines[:min(len(lines), 11)], ""))
	if m.mails = append(m.mails, text); len(m.mails) > keeps {
		m.mails = m.mails[1:]
	}
}

// format returns a mail as text. A stranger wrote all of it, so control characters, which a terminal or a browser could
// obey, are escaped.
func format(m smtp.Mail) string {
	subject := "(no subject)"
	if parsed, err := mail.ReadMessage(bytes.NewReader(m.Body)); err == nil { // a mail need not be well-formed
		if text, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err == nil && text != "" {
			subject = text
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "mail from <%s> to <%s>, %d bytes: %s\n", m.From, strings.Join(m.To, ">, <"), len(m.Body),
		escaped(subject))
	for line := range bytes.Lines(m.Body) {
		fmt.Fprintf(&b, "    %s\n", escaped(string(bytes.TrimSuffix(line, []byte("\r\n")))))
	}
	return b.String()
}

func escaped(text string) string {
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// showMail serves a page of plain text with the mails that are kept, the newest first.
func showMail(t *aio.Task, listener int, kept *mailbox) error {
	page := httpserver.Server{Handler: func(_ *aio.Task, request http1.Request) []byte {
		if request.Status() != http.StatusOK {
			return request.Reply()
		}
		text := fmt.Appendf(nil, "%d kept, the newest first\n", len(kept.mails))
		for _, mail := range slices.Backward(kept.mails) {
			text = append(append(text, '\n'), mail...)
		}
		return request.Answer(text)
	}}
	return page.Serve(t, listener)
}

// listenForPage is job.Listen for the page: it logs the address on standard error, because standard output has the
// address for mail.
func listenForPage(text string) (listener int, err error) {
	addr, err := sys.ParseAddr(text)
	if err != nil {
		return -1, err
	}
	if listener, err = sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0); err != nil {
		return -1, err
	}
	if err = sys.ReuseAddr(listener); err == nil {
		err = sys.Bind(listener, addr)
	}
	if err == nil {
		err = sys.Listen(listener, 16)
	}
	if err == nil {
		addr, err = sys.Getsockname(listener)
	}
	if err != nil {
		sys.Close(listener)
		return -1, fmt.Errorf("%s: %w", text, err)
	}
	log.Printf("the mail is shown on http://%v/", addr)
	return listener, nil
}
