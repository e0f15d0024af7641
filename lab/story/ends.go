package story

import (
	"fmt"
	"strings"

	"era/lab/recording"
	"era/lab/words"
)

// told is when the server gets SIGTERM.
func told(r *run, s *side) []found {
	if s.told == 0 {
		return nil
	}
	text, clients := "the server gets SIGTERM", s.of("connection")
	if n := in(clients, recording.Unanswered, s.told) + in(clients, recording.Answering, s.told); n > 0 {
		text += fmt.Sprintf(", while %s for %s", words.Plural(n, "client")+words.Verb(n, " waits", " wait"),
			words.Verb(n, "its answer", "their answers"))
	}
	return []found{{Moment: s.at(s.told, nil, "told", "%s", text), score: 80}}
}

// ends is when the server ends before the experiment does.
func ends(r *run, s *side) []found {
	switch {
	case s.Told != nil && s.Told.TookMS > 0 && s.Exit != "":
		status, _, _ := strings.Cut(strings.TrimRight(s.Exit, "."), ":")
		text := "the server has ended, with " + status
		if signal, is := strings.CutPrefix(s.Exit, "signal: "); is {
			text = fmt.Sprintf("the server is gone: the signal itself has ended it (%s)", signal)
		}
		at := int64((s.Told.AtMS + s.Told.TookMS) * 1e6)
		return []found{{Moment: s.at(min(at, r.length), nil, "ended", "%s", text), score: 55}}
	case s.Exit == "" || s.Told != nil:
		return nil
	}
	var last int64
	for _, l := range s.of("thread", "task", "coroutine") {
		for _, marks := range [][]recording.Mark{l.bars, l.calls} {
			for _, m := range marks {
				last = max(last, m.At+m.Took)
			}
		}
	}
	if last == 0 {
		return nil
	}
	after := ""
	if s.seen.Accepted > 0 {
		after = " after " + words.Plural(s.seen.Accepted, "connection")
	}
	m := s.at(last, nil, "ended", "the server ends%s: %s", after, short(s.Exit))
	return []found{{Moment: m, how: s.Exit, score: 90}}
}

// short is the beginning of a server's last words.
func short(text string) string {
	const most = 120
	if text = strings.TrimSuffix(text, "."); len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + " …"
	}
	return text
}
