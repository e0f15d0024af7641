// The mail server of the toolbox: SMTP, so that ordinary mail programs deliver into it. It keeps and shows the mail
// that it receives, and forwards none. kit/smtp is the protocol without the waiting; this program does the waiting, in
// a task for each client.
//
// Tornado has no mail server, and never had: this is one in its style.
package main

import (
	"flag"
	"log"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/job"
	"era/runnable/kit/smtp"
)

const (
	host     = "localhost"     // our name in replies
	maxMail  = 1 << 20         // bytes
	patience = 5 * time.Minute // for a client's next bytes (RFC 5321, section 4.5.3.2.7)
	linger   = 5 * time.Second
)

func main() {
	show := flag.String("show", "127.0.0.1:0", "`address` of a page with the last mail")
	addr, _ := job.Flags() // this server asks no backend
	page, err := listenForPage(*show)
	if err != nil {
		log.Fatalf("-show: %v", err)
	}
	listener := job.Listen(addr)
	var kept mailbox
	log.Fatal(aio.Run(func(t *aio.Task) error {
		return aio.WithGroup(t, func(g *aio.Group) error {
			g.Go(func(t *aio.Task) error {
				return aio.Serve(t, listener, func(t *aio.Task, conn *aio.Conn) error { return converse(t, conn, &kept) })
			})
			g.Go(func(t *aio.Task) error { return showMail(t, page, &kept) })
			return nil
		})
	}))
}

// converse holds one conversation: arriving bytes go to the session, and its replies go out.
func converse(t *aio.Task, conn *aio.Conn, kept *mailbox) error {
	session := smtp.New(host, maxMail)
	conn.Write(session.Greeting()) // if the client has gone, the first read says so
	arrived := make([]byte, 4096)
	for {
		for step, ok := session.Next(); ok; step, ok = session.Next() {
			if step.Mail != nil {
				kept.add(*step.Mail) // before the reply says that we have it
			}
			conn.Write(step.Reply)
			if err := conn.Drain(t); err != nil {
				return nil // the client is gone, and nothing is left to do
			}
			if step.Close {
				conn.Leave(t, linger)
				return nil
			}
		}
		var n int
		err := aio.Timeout(t, patience, func() (err error) {
			n, err = conn.Read(t, arrived)
			return err
		})
		if err == aio.TimedOut {
			conn.Write([]byte("421 " + host + " has waited long enough\r\n"))
			conn.Leave(t, linger)
		}
		if err != nil {
			return nil
		}
		session.Add(arrived[:n])
	}
}
