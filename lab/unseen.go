package lab

import (
	"slices"
	"strings"

	"era/catalogue"
	"era/lab/process"
)

// unseen says in a sentence what the lanes of a server cannot show; "" when they show all.
func unseen(p process.Program) string {
	v := p.Variant
	switch why, untraced := strings.CutPrefix(p.Traced, "no: "); {
	case untraced:
		return "Only its clients are seen. " + strings.ToUpper(why[:1]) + why[1:] + "."
	case v.Language == catalogue.Python && slices.Contains(v.Server.Kit[catalogue.Go], "coro/coro.go"):
		return "Its coroutines and tasks cannot be seen from outside, as Python runs them: only its calls are."
	}
	return ""
}
