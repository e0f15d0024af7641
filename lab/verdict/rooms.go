package verdict

import (
	"fmt"

	"era/lab/words"
)

// receivedByAll is about a room in which every member reads.
func (f facts) receivedByAll() string {
	said, back := f.requests("talkers")
	members, received, disorder := 0, 0, 0
	for _, g := range f.Observed.Groups {
		members, received, disorder = members+g.Clients, received+g.Received, disorder+g.Disorder
	}
	text := fmt.Sprintf("in the room of %s, %s heard %s of %s", f.name, words.Plural(members, "member"),
		words.Number(received), words.Plural(members*said, "message"))
	if disorder == 0 {
		text += ", those of each talker in their order"
	} else {
		text += fmt.Sprintf(", %s of them out of order", words.Number(disorder))
	}
	if back < said {
		text += fmt.Sprintf("; %s of %s came back to their senders", words.Number(back), words.Number(said))
		return text + f.because()
	}
	l := f.PerGroup["talkers"].Latency
	return text + fmt.Sprintf("; a message was back at its sender after %s, 99 of 100 within %s",
		words.Millis(l.P50), words.Millis(l.P99))
}

// talkersBesideLaggard is about the members that do read.
func (f facts) talkersBesideLaggard() string {
	talkers, _ := f.clients("talkers")
	said, back := f.requests("talkers")
	text := fmt.Sprintf("beside one that did not read, the %s of %s heard %s of %s, and %s of %s came back to "+
		"their senders", words.Plural(talkers, "other"), f.name,
		words.Number(f.Observed.Groups["talkers"].Received), words.Plural(talkers*said, "message"),
		words.Number(back), words.Number(said))
	if back == 0 {
		return text
	}
	l := f.PerGroup["talkers"].Latency
	return text + fmt.Sprintf(", half of these within %s, 99 of 100 within %s", words.Millis(l.P50),
		words.Millis(l.P99))
}

// laggard is about the member that read on in the end.
func (f facts) laggard() string {
	g := f.Observed.Groups["laggard"]
	text := "when the one read on, it heard " + words.Plural(g.Received, "message")
	switch {
	case g.CloseCode != 0 && g.CloseCode != 1000: // that would be the answer to its own
		return text + fmt.Sprintf(", and behind them the server's goodbye, with the code %d", g.CloseCode)
	case g.Broken > 0:
		return text + ", and that its connection had been cut off"
	}
	return text + ": the server had not asked it to leave"
}
