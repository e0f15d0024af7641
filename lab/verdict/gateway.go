package verdict

import (
	"fmt"
	"maps"
	"strings"

	"era/lab/recording"
	"era/lab/words"
)

// fastBesideSlow is about clients that wanted a quick reply beside many slow ones.
func (f facts) fastBesideSlow() string {
	all, answered := f.clients("fast")
	slow, _ := f.clients("slow")
	text := fmt.Sprintf("%s answered %d of %s while %s typed", f.name, answered, words.Plural(all, "fast client"),
		words.Plural(slow, "slow one"))
	if answered == all {
		text += "; the longest any of them waited was " + f.longest("fast")
	}
	return text
}

// held says which clients the server was busy with meanwhile, where that explains something.
func (f facts) held() string {
	all, answered := f.clients("fast")
	h := f.Observed.Held
	if h == nil || answered == all {
		return ""
	}
	slow, fast := h.Clients["slow"], h.Clients["fast"]
	text := "in the midst of that it held " + words.Plural(slow+fast, "connection")
	if h.Processes > 1 {
		text += fmt.Sprintf(", in %d processes", h.Processes)
	}
	if fast > 0 {
		return text + fmt.Sprintf(": %d of slow clients, %d of fast ones", slow, fast)
	}
	return text + ", and not one of a fast client"
}

func (f facts) slowAnswered() string {
	all, answered := f.clients("slow")
	return fmt.Sprintf("it answered %d of %s in the end", answered, words.Plural(all, "slow one"))
}

// inFlight is about the clients that waited when the server got SIGTERM.
func (f facts) inFlight() string {
	if f.Told == nil {
		return ""
	}
	all, answered := f.clients("in-flight")
	text := fmt.Sprintf("%s was told to end with %s in flight, and answered ", f.name, words.Plural(all, "request"))
	switch {
	case answered == all && all == 1:
		return text + "it"
	case answered == all:
		return text + "all of them"
	case all == 1:
		return text + "nothing: its client met " + f.met("in-flight")
	case answered == 0:
		return text + "none of them: their clients met " + f.met("in-flight")
	}
	return text + fmt.Sprintf("%d of them; the others' clients met ", answered) + f.met("in-flight")
}

// howItEnded is about a server that got SIGTERM.
func (f facts) howItEnded() string {
	switch {
	case f.Told == nil:
		return ""
	case f.Told.TookMS == 0:
		return "it still ran when the last client had left"
	}
	after := words.Millis(f.Told.TookMS)
	if signal, found := strings.CutPrefix(f.Exit, "signal: "); found {
		return fmt.Sprintf("it was gone after %s: the signal itself ended it (%s)", after, signal)
	}
	status := strings.TrimRight(f.Exit, ".")
	// The last words after exit status 0 explain nothing.
	if first, _, more := strings.Cut(status, ":"); more && first == "exit status 0" {
		status = first
	}
	return fmt.Sprintf("it ended by itself after %s, with %s", after, status)
}

func (f facts) newcomers() string {
	all, answered := f.clients("newcomers")
	some := fmt.Sprintf("of %s afterwards, %d had a reply", words.Plural(all, "client"), answered)
	switch {
	case all == 0:
		return ""
	case answered == all:
		return some
	case answered > 0:
		return some + "; the others met " + f.met("newcomers")
	}
	return "later clients met " + f.met("newcomers")
}

// politeBesideLeavers is about the clients that came when others had left in the middle.
func (f facts) politeBesideLeavers() string {
	all, answered := f.clients("polite")
	text := fmt.Sprintf("%s answered %d of %s", f.name, answered, words.Plural(all, "polite client"))
	switch met := f.met("polite"); {
	case answered == 0:
		return text + ": they met " + met
	case met != "":
		return text + "; the others met " + met
	}
	return text + "; the longest wait was " + f.longest("polite")
}

// leftOpen is what the database saw of it.
func (f facts) leftOpen() string {
	all, _ := f.clients("leavers")
	text := fmt.Sprintf("%s had left in the middle of their rows, and at the end ", words.Plural(all, "client"))
	if all == 1 {
		text = "1 client had left in the middle of its rows, and at the end "
	}
	switch n := f.Observed.Backend.Open; n {
	case 0:
		return text + "no connection to the database was open"
	case 1:
		return text + "1 connection to the database was still open, for no client"
	default:
		return text + fmt.Sprintf("%d connections to the database were still open, for no client", n)
	}
}

// brokenOff is about the clients whose replies broke off, and how many noticed.
func (f facts) brokenOff() string {
	all, _ := f.clients("broken")
	reasons := maps.Clone(f.Observed.Groups["broken"].Reasons)
	knew := 0
	maps.DeleteFunc(reasons, func(why string, _ int) bool { // as far as HTTP can tell, these were complete
		return strings.HasPrefix(why, recording.AnotherBody)
	})
	for _, n := range reasons {
		knew += n
	}
	text := fmt.Sprintf("%s: of %s whose rows broke off, %d took the half for the whole", f.name,
		words.Plural(all, "client"), all-knew)
	if knew > 0 {
		text += fmt.Sprintf(", and %d knew: %s met %s", knew, words.Verb(knew, "it", "they"), met(reasons))
	}
	return text
}

func (f facts) wholeBesideBroken() string {
	if f.settings["whole"] == 0 {
		return ""
	}
	all, answered := f.clients("whole")
	return fmt.Sprintf("it answered %d of %s whose rows did not", answered, words.Plural(all, "other"))
}
