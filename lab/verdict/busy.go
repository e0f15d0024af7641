package verdict

import (
	"fmt"

	"era/lab/words"
)

// fastBesideHog is about the clients that came while one request computed.
func (f facts) fastBesideHog() string {
	all, answered := f.clients("fast")
	text := fmt.Sprintf("%s answered %d of %s while one request computed for %s", f.name, answered,
		words.Plural(all, "fast client"), f.span("ms"))
	if answered == all {
		return text + "; the longest any of them waited was " + f.longest("fast")
	}
	if gap := f.Observed.GapMS; gap > float64(f.settings["ms"])/2 && f.Exit == "" {
		text += fmt.Sprintf(": for %s its thread made no call at all, and looked at no other connection",
			words.Millis(gap))
	}
	return text
}

func (f facts) storm() string {
	all, answered := f.clients("storm")
	text := fmt.Sprintf("%s answered %d of %s that came at once", f.name, answered, words.Plural(all, "client"))
	if answered < all {
		return text + f.because()
	}
	return text + f.waits("storm")
}

// retried is about connections whose first SYN found no room.
func (f facts) retried() string {
	last := words.Millis(f.Observed.ConnectMS)
	switch late := f.Observed.Retried; {
	case late > 0:
		return fmt.Sprintf("%d of them found the listen queue full, which holds 128: %s SYN was dropped, and the kernel "+
			"sends it again after 1 s; the last was connected after %s", late, words.Verb(late, "its", "their"), last)
	case f.Exit == "":
		return "no client had to try again: the last was connected after " + last
	}
	return ""
}
