package lab

import (
	"slices"
	"strings"

	"era/lab/process"
	"era/runnable"
)

// unseen says in a sentence what the lanes of a server cannot show; "" when they show all.
func unseen(p process.Program) string {
	v := p.Variant
	switch why := p.Traced.Why; {
	case why != "":
		return "Only its clients are seen. " + strings.ToUpper(why[:1]) + why[1:] + "."
	case v.Language == runnable.Python && slices.Contains(v.Server.Kit[runnable.Go], "coro/coro.go"):
		return "Its coroutines and tasks cannot be seen from outside, as Python runs them: only its calls are."
	}
	return ""
}
