package lab

import "fmt"

// heardAll is about a room in which everybody reads.
func (v words) heardAll() string {
	said, back := v.requests("talkers")
	members := len(v.x.script.Clients)
	heard, disorder := 0, 0
	for _, g := range v.s.tally.groups {
		heard, disorder = heard+g.heard, disorder+g.disorder
	}
	text := fmt.Sprintf("in the room of %s, %s heard %s of %s", v.name, many(members, "member"), count(int64(heard)),
		many(members*said, "message"))
	if disorder == 0 {
		text += ", those of each talker in their order"
	} else {
		text += fmt.Sprintf(", %s of them out of order", count(int64(disorder)))
	}
	if back < said {
		return text + fmt.Sprintf("; %s of %s came back to who had said them", count(int64(back)), count(int64(said))) + v.because()
	}
	l := v.PerGroup["talkers"].Latency
	return text + fmt.Sprintf("; a message was back with who had said it after %s, 99 of 100 within %s", span(l.P50), span(l.P99))
}

// besideTheLaggard is about the members who do read.
func (v words) besideTheLaggard() string {
	talkers, back := v.clients("talkers")
	said, _ := v.requests("talkers")
	text := fmt.Sprintf("beside one who did not read, the %s of %s heard %s of %s, and %s of %s came back to who had said them",
		many(talkers, "other"), v.name, count(int64(v.s.tally.groups["talkers"].heard)), many(talkers*said, "message"),
		count(int64(back)), count(int64(said)))
	if back == 0 {
		return text
	}
	l := v.PerGroup["talkers"].Latency
	return text + fmt.Sprintf(", half of these within %s, 99 of 100 within %s", span(l.P50), span(l.P99))
}

// laggard is about the one, who read on in the end.
func (v words) laggard() string {
	g := v.s.tally.groups["laggard"]
	text := fmt.Sprintf("when the one read on, it heard %s", many(g.heard, "message"))
	switch {
	case len(g.codes) > 0 && g.codes[0] != 1000: // which would be the answer to its own
		return text + fmt.Sprintf(", and behind them the server's goodbye, with the code %d", g.codes[0])
	case g.broken > 0:
		return text + ", and that its connection had been cut off"
	}
	return text + ": nobody had asked it to leave"
}
