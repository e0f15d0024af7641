package scenario

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"

	"era/catalogue"
)

// toolbox are the scenarios of servers that do other jobs than the book's main one.
var toolbox = []Scenario{
	{
		Name: "echo", Title: "Lines, and half a line", Speaks: catalogue.Echo,
		Servers: []string{"tcpserver", "tcpserver/python"},
		Expect: "Clients send lines and wait for each to come back, while one holds half a line: watch whether " +
			"other clients wait with it.",
		Groups: []string{"lines", "half"},
		Knobs: []Knob{
			{Name: "clients", Label: "clients with whole lines", Min: 1, Max: 200, Default: 20, Step: 1},
			{Name: "lines", Label: "lines of each", Min: 1, Max: 50, Default: 10, Step: 1},
			{Name: "pause", Label: "the pause in the half line", Says: "the half line pauses %s",
				Unit: "ms", Min: 100, Max: 5000, Default: 1000, Step: 100},
		},
		build: echo,
	},
	{
		Name: "datagrams", Title: "Bursts of datagrams", Speaks: catalogue.Datagrams,
		Servers: []string{"udpserver", "udpserver/python"},
		Expect: "Each client sends a burst and takes what comes back: watch whether all of them do. A lost one " +
			"causes no error.",
		Groups: []string{"burst"},
		Knobs: []Knob{
			{Name: "clients", Label: "clients", Min: 1, Max: 100, Default: 10, Step: 1},
			{Name: "burst", Label: "datagrams of each, at once", Min: 1, Max: 500, Default: 20, Step: 1},
			{Name: "size", Label: "size of a datagram", Says: "datagrams of %s",
				Unit: "bytes", Min: 64, Max: 1408, Default: 128, Step: 64},
		},
		build: datagrams,
	},
	{
		Name: "mail", Title: "Mails at the same time", Speaks: catalogue.Mail,
		Servers: []string{"mailserver", "mailserver/python"},
		Expect:  "Several clients deliver a mail each, while one stops in the middle of its own: watch whether the others are taken.",
		Groups:  []string{"quick", "slow"},
		Knobs: []Knob{
			{Name: "clients", Label: "quick clients", Min: 1, Max: 100, Default: 10, Step: 1},
			{Name: "pause", Label: "the slow one's pause", Says: "the slow one pauses %s",
				Unit: "ms", Min: 100, Max: 5000, Default: 1000, Step: 100},
			{Name: "size", Label: "size of a mail", Says: "mails of %s",
				Unit: "bytes", Min: 256, Max: 256 << 10, Default: 2 << 10, Step: 256},
		},
		build: mail,
	},
}

func init() { All = append(All, toolbox...) }

// echo: the clients with whole lines give up before the half line goes on, so a server that waits for it answers none
// of them.
func echo(s Settings, r *rand.Rand) Script {
	hold := ms(s["pause"])
	half := []Client{{
		Name: "half 1", Group: "half", GiveUp: hold + ms(3000),
		Steps: []Step{send([]byte("half a ")), pause(hold), send([]byte("line\n")), receive(1), {Do: Close}},
	}}
	var whole []Client
	for i, start := range spread(s["clients"], hold/10, hold/3, r) {
		c := Client{Name: named("lines", i), Group: "lines", Start: start, GiveUp: hold - hold/20}
		for n := range s["lines"] {
			c.Steps = append(c.Steps, send(fmt.Appendf(nil, "line %d of %s\n", n+1, c.Name)), receive(1))
		}
		c.Steps = append(c.Steps, Step{Do: Close})
		whole = append(whole, c)
	}
	return script(hold+ms(3000), half, whole)
}

// datagrams: what has not come back after a second will not come back.
func datagrams(s Settings, r *rand.Rand) Script {
	var clients []Client
	for i, start := range spread(s["clients"], 0, ms(200), r) {
		c := Client{Name: named("burst", i), Group: "burst", Start: start, GiveUp: start + ms(1000)}
		for n := range s["burst"] {
			text := fmt.Appendf(nil, "%d of %s ", n+1, c.Name)
			c.Steps = append(c.Steps, send(append(text, bytes.Repeat([]byte{'.'}, s["size"]-len(text))...)))
		}
		c.Steps = append(c.Steps, receive(s["burst"]), Step{Do: Close})
		clients = append(clients, c)
	}
	return script(ms(1200), clients)
}

// mail: the slow client stops after half of its text. A mail counts as one request, from MAIL to the dot; what is said
// before and after it is not counted.
func mail(s Settings, r *rand.Rand) Script {
	hold := ms(s["pause"])
	slow := deliver("slow", 0, s["size"])
	slow.GiveUp = hold + ms(3000)
	for i, step := range slow.Steps {
		if len(step.Bytes) == s["size"] {
			rest := append([]Step{send(step.Bytes[:s["size"]/2]), pause(hold), send(step.Bytes[s["size"]/2:])},
				slow.Steps[i+1:]...)
			slow.Steps = append(slow.Steps[:i:i], rest...)
			break
		}
	}
	var quick []Client
	for i, start := range spread(s["clients"], hold/10, hold/3, r) {
		c := deliver("quick", i, s["size"])
		c.Start, c.GiveUp = start, hold-hold/20
		quick = append(quick, c)
	}
	return script(hold+ms(3000), []Client{slow}, quick)
}

// deliver returns a client that delivers a mail of the given size, the dot at its end included.
func deliver(group string, i, size int) Client {
	name := named(group, i)
	const end = "\r\n.\r\n"
	text := fmt.Sprintf("Subject: from %s\r\n\r\n", name)
	line := strings.Repeat("x", 70) + "\r\n"
	text += strings.Repeat(line, size/len(line)+1)[:size-len(text)-len(end)-2]
	text = strings.TrimRight(text, "\r\n") // the cut may have split a line end
	text += strings.Repeat("x", size-len(text)-len(end)) + end
	return Client{Name: name, Group: group, Steps: []Step{
		hear("220"), say("EHLO era.test"), hear("250"),
		send([]byte("MAIL FROM:<" + group + "@era.test>\r\n")), hear("250"),
		send([]byte("RCPT TO:<reader@era.test>\r\n")), hear("250"),
		send([]byte("DATA\r\n")), hear("354"),
		send([]byte(text)), receive(1),
		say("QUIT"), hear("221"), {Do: Close},
	}}
}

func say(line string) Step  { return Step{Do: Say, Bytes: []byte(line + "\r\n")} }
func hear(code string) Step { return Step{Do: Hear, Want: code} }
