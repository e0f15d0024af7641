package lab

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// besideSlowClients is about those who wanted a quick reply beside many that typed.
func (v words) besideSlowClients() string {
	all, answered := v.clients("fast")
	slow, _ := v.clients("slow")
	text := fmt.Sprintf("%s answered %d of %s while %s typed", v.name, answered, many(all, "fast client"), many(slow, "slow one"))
	if answered == all {
		text += fmt.Sprintf("; the longest any of them waited was %s", span(v.PerGroup["fast"].Latency.Max))
	}
	return text
}

// held says whom the server was busy with when the first of the fast ones gave up.
func (v words) held() string {
	h := v.s.holders
	if h == nil || h.processes == 0 {
		return ""
	}
	slow, fast := h.clients["slow"], h.clients["fast"]
	text := fmt.Sprintf("when the first of the others gave up, it held %s", many(slow+fast, "connection"))
	if h.processes > 1 {
		text += fmt.Sprintf(", in %d processes", h.processes)
	}
	if fast > 0 {
		return text + fmt.Sprintf(": %d of slow clients, %d of fast ones", slow, fast)
	}
	return text + ", and not one of a fast client"
}

// theSlow are not forgotten.
func (v words) theSlow() string {
	all, answered := v.clients("slow")
	return fmt.Sprintf("it answered %d of %s in the end", answered, many(all, "slow one"))
}

// inFlight is about those who waited when the server was told to end.
func (v words) inFlight() string {
	all, answered := v.clients("in-flight")
	if v.Told == nil {
		return ""
	}
	text := fmt.Sprintf("%s was told to end with %s in flight, and answered %d of them", v.name, many(all, "request"), answered)
	if met := v.met("in-flight"); met != "" {
		text += "; the others met " + met
	}
	return text
}

// howItEnded is about a server that was told to.
func (v words) howItEnded() string {
	switch {
	case v.Told == nil:
		return ""
	case v.Told.TookMS == 0:
		return "it still ran when the last client had left"
	}
	after := span(v.Told.TookMS)
	if signal, found := strings.CutPrefix(v.Exit, "signal: "); found {
		return fmt.Sprintf("it was gone after %s: the signal itself ended it (%s)", after, signal)
	}
	return fmt.Sprintf("it ended by itself after %s, with %s", after, v.Exit)
}

func (v words) newcomers() string {
	all, answered := v.clients("newcomers")
	if all == 0 {
		return ""
	}
	text := fmt.Sprintf("of %s, %d had a reply", many(all, "newcomer"), answered)
	if met := v.met("newcomers"); met != "" {
		text += "; the others met " + met
	}
	return text
}

// met says what those of a group met who were not answered, the most frequent first: "connection refused (18 times)".
func (v words) met(group string) string { return v.metBut(group, "") }

// metBut leaves out what begins with the prefix, unless that is "".
func (v words) metBut(group, prefix string) string {
	whys := v.s.tally.groups[group].whys
	var all []string
	for _, why := range slices.SortedFunc(maps.Keys(whys), func(a, b string) int {
		return cmp.Or(cmp.Compare(whys[b], whys[a]), strings.Compare(a, b))
	}) {
		if prefix != "" && strings.HasPrefix(why, prefix) {
			continue
		}
		all = append(all, fmt.Sprintf("%q (%s)", why, times(whys[why])))
	}
	return strings.Join(all, ", ")
}

// besideLeavers is about those who came when others had left in the middle.
func (v words) besideLeavers() string {
	all, answered := v.clients("polite")
	text := fmt.Sprintf("%s answered %d of %s", v.name, answered, many(all, "polite client"))
	if met := v.met("polite"); met != "" {
		return text + "; the others met " + met
	}
	return text + fmt.Sprintf("; the longest wait was %s", span(v.PerGroup["polite"].Latency.Max))
}

// leftOpen is what the database sees of it.
func (v words) leftOpen() string {
	all, _ := v.clients("leavers")
	text := fmt.Sprintf("%s had left in the middle of their rows, and at the end ", many(all, "client"))
	if all == 1 {
		text = "1 client had left in the middle of its rows, and at the end "
	}
	switch n := v.s.leftOpen; n {
	case 0:
		return text + "no connection to the database was open"
	case 1:
		return text + "1 connection to the database was still open, for nobody"
	default:
		return text + fmt.Sprintf("%d connections to the database were still open, for nobody", n)
	}
}

// believed is about those whose reply broke off: who noticed?
func (v words) believed() string {
	all, _ := v.clients("broken")
	took := 0
	for why, n := range v.s.tally.groups["broken"].whys {
		if strings.HasPrefix(why, "another body: ") { // by all that HTTP says, it was complete
			took += n
		}
	}
	text := fmt.Sprintf("of %s whose rows broke off, %d took the half for the whole", many(all, "client"), took)
	if took < all {
		text += fmt.Sprintf(" and %d knew: they met %s", all-took, v.metBut("broken", "another body: "))
	}
	return v.name + ": " + text
}

func (v words) besideBroken() string {
	if v.x.Settings["whole"] == 0 {
		return ""
	}
	all, answered := v.clients("whole")
	return fmt.Sprintf("it answered %d of %s whose rows did not", answered, many(all, "other"))
}
