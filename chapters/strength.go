package chapters

import "regexp"

// strength is how strongly a sentence obliges its reader, after RFC 2119: advice in a specification must not reach a
// reader as a duty. The order is that of the constants.
type strength int

const (
	states strength = iota
	advises
	obliges
)

var (
	obliging = regexp.MustCompile(`(?i)\b(must|shall|required|have to|has to)\b`)
	advising = regexp.MustCompile(`(?i)\b(should|ought to|recommended)\b`)
)

// strengthOf returns the strength of the strongest word in the text.
func strengthOf(text string) strength {
	switch {
	case obliging.MatchString(text):
		return obliges
	case advising.MatchString(text):
		return advises
	}
	return states
}

func (s strength) String() string { return [...]string{"states", "advises", "obliges"}[s] }

// checkStrength compares a clause with the words of its source that it retells. A clause that obliges or advises has to
// quote them. It may not be stronger than they are, or advise where they only oblige.
func (p *page) checkStrength(b body, clause, text, quote string) {
	here, there := strengthOf(text), strengthOf(quote)
	switch {
	case here == advises && there == obliges && !advising.MatchString(quote):
		p.problems.add(p.File, b.lineOf("quote:"), "note: clause %s only %s, its source %s: %q", clause, here, there, quote)
	case here == states || here <= there:
	case quote == "":
		p.problems.add(p.File, b.fence, "note: clause %s %s: give the source's own words as quote, with their must or should", clause, here)
	default:
		p.problems.add(p.File, b.lineOf("quote:"), "note: clause %s %s, its source only %s: %q", clause, here, there, quote)
	}
}
