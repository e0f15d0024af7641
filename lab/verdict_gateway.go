package lab

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
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

// held says whom the server was busy with meanwhile, where that explains something.
func (v words) held() string {
	processes, clients := v.s.holders()
	if all, answered := v.clients("fast"); processes == 0 || answered == all {
		return ""
	}
	slow, fast := clients["slow"], clients["fast"]
	text := fmt.Sprintf("in the midst of that it held %s", many(slow+fast, "connection"))
	if processes > 1 {
		text += fmt.Sprintf(", in %d processes", processes)
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
	text := fmt.Sprintf("%s was told to end with %s in flight, and answered ", v.name, many(all, "request"))
	switch {
	case answered == all:
		if all == 1 {
			return text + "it"
		}
		return text + "all of them"
	case all == 1:
		return text + "nothing: its client met " + v.met("in-flight")
	case answered == 0:
		return text + "none of them: their clients met " + v.met("in-flight")
	}
	return text + fmt.Sprintf("%d of them; the others' clients met ", answered) + v.met("in-flight")
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
	status := strings.TrimRight(v.Exit, ".")
	if strings.HasPrefix(status, "exit status 0:") { // then its last words explain nothing
		status = "exit status 0"
	}
	return fmt.Sprintf("it ended by itself after %s, with %s", after, status)
}

func (v words) newcomers() string {
	all, answered := v.clients("newcomers")
	if all == 0 {
		return ""
	}
	text := "who came afterwards met "
	if answered > 0 {
		text = fmt.Sprintf("of %s afterwards, %d had a reply; the others met ", many(all, "client"), answered)
	}
	if answered == all {
		return strings.TrimSuffix(text, "; the others met ")
	}
	return text + v.met("newcomers")
}

// met is what they met who were not answered: why, and if not all met the same, how many, the most frequent first.
func met(whys map[string]int) string {
	var all []string
	for _, why := range slices.SortedFunc(maps.Keys(whys), func(a, b string) int {
		return cmp.Or(cmp.Compare(whys[b], whys[a]), strings.Compare(a, b))
	}) {
		if len(whys) == 1 {
			return strconv.Quote(why)
		}
		all = append(all, fmt.Sprintf("%q (%s)", why, times(whys[why])))
	}
	return strings.Join(all, ", ")
}

func (v words) met(group string) string { return met(v.s.tally.groups[group].whys) }

// besideLeavers is about those who came when others had left in the middle.
func (v words) besideLeavers() string {
	all, answered := v.clients("polite")
	text := fmt.Sprintf("%s answered %d of %s", v.name, answered, many(all, "polite client"))
	if met := v.met("polite"); answered == 0 {
		return text + ": they met " + met
	} else if met != "" {
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
	whys := maps.Clone(v.s.tally.groups["broken"].whys)
	knew := 0
	maps.DeleteFunc(whys, func(why string, _ int) bool { // by all that HTTP says, these were complete
		return strings.HasPrefix(why, "another body: ")
	})
	for _, n := range whys {
		knew += n
	}
	text := fmt.Sprintf("%s: of %s whose rows broke off, %d took the half for the whole", v.name, many(all, "client"), all-knew)
	if knew > 0 {
		text += fmt.Sprintf(", and %d knew: they met %s", knew, met(whys))
	}
	return text
}

func (v words) besideBroken() string {
	if v.x.Settings["whole"] == 0 {
		return ""
	}
	all, answered := v.clients("whole")
	return fmt.Sprintf("it answered %d of %s whose rows did not", answered, many(all, "other"))
}
