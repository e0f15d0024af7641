package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"era/lab/words"
)

// Limit bounds what several knobs make together: a sum of products of their values.
type Limit struct {
	Terms []Term `json:"terms"`
	Most  int    `json:"most"`
	// EachServer says that the sum is needed once for each server of an experiment.
	EachServer bool   `json:"each_server,omitempty"`
	Because    string `json:"because"` // a sentence
}

// Term is a product of the values of knobs, and a number.
type Term struct {
	Times int      `json:"times"`
	Of    []string `json:"of"`
}

// sum returns what settings make together.
func (l Limit) sum(settings Settings) int {
	all := 0
	for _, t := range l.Terms {
		product := t.Times
		for _, knob := range t.Of {
			product *= settings[knob]
		}
		all += product
	}
	return all
}

// check returns an error if settings make more than the limit.
func (l Limit) check(s Scenario, settings Settings) error {
	sum := l.sum(settings)
	if sum <= l.Most {
		return nil
	}
	var given []string
	for _, k := range s.Knobs {
		if slices.ContainsFunc(l.Terms, func(t Term) bool { return slices.Contains(t.Of, k.Name) }) {
			given = append(given, k.Name+" "+k.Text(settings[k.Name]))
		}
	}
	return fmt.Errorf("%s: together too much: %s of %s. %s", strings.Join(given, ", "), words.Number(sum),
		words.Number(l.Most), l.Because)
}

// messagesHeard are the limits of a room: what a page can take in, and a machine can hold.
func messagesHeard(listeners bool) []Limit {
	heard := []Term{{1, []string{"talkers", "messages", "talkers"}}}
	if listeners {
		heard = append(heard, Term{1, []string{"talkers", "messages", "listeners"}})
	} else {
		heard = append(heard, Term{1, []string{"talkers", "messages"}}) // the laggard
	}
	var bytes []Term
	for _, t := range heard {
		bytes = append(bytes, Term{1, append(slices.Clone(t.Of), "size")})
	}
	return []Limit{
		{Terms: heard, Most: 100_000, Because: "Every member hears every message, and that makes more than 100,000."},
		{Terms: bytes, Most: 256 << 20, Because: "Every member hears every message, and that makes more than 256 MB."},
	}
}

// Spare are the descriptors that an experiment needs besides those of its clients and servers.
const Spare = 200

// Descriptors returns how many descriptors the lab needs at once for the script with so many servers.
func (s Script) Descriptors(servers int) int { return (s.Files+s.Asking)*servers + Spare }

// Within returns the scenario's limits on a machine on which a process may have so many descriptors; 0 is no limit.
func (s Scenario) Within(descriptors int) []Limit {
	limits := slices.Clone(s.Limits)
	if descriptors > 0 {
		limits = append(limits, s.descriptors(descriptors))
	}
	return limits
}

// descriptors is the limit of the machine. How many a script takes grows evenly with each of its knobs, so the rates
// are found with small scripts.
func (s Scenario) descriptors(most int) Limit {
	least := Settings{}
	for _, k := range s.Knobs {
		least[k.Name] = k.Min
	}
	takes := func(settings Settings) int {
		return Experiment{Scenario: s, Settings: settings}.Script().Descriptors(1) - Spare
	}
	limit := Limit{Most: most - Spare, EachServer: true, Because: fmt.Sprintf(
		"Each connection takes descriptors, and a process may have %s on this machine (ulimit -n).", words.Number(most))}
	rest := takes(least)
	for _, k := range s.Knobs {
		more := maps.Clone(least)
		more[k.Name]++
		if rate := takes(more) - takes(least); rate > 0 {
			limit.Terms = append(limit.Terms, Term{rate, []string{k.Name}})
			rest -= rate * k.Min
		}
	}
	limit.Terms = append(limit.Terms, Term{rest, nil})
	return limit
}
