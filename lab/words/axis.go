package words

import (
	"math"
	"strconv"
)

// Step is the distance of the marks of an axis of time, in ns: 1, 2 or 5 of a power of ten, so that the span has no
// more than so many.
func Step(span, most float64) float64 {
	least := span / most
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= least {
			return n * power
		}
	}
	return 10 * power
}

// Tick names a moment on an axis whose marks are a step apart: "0", "20 ms", "1.5 s".
func Tick(at, step float64) string {
	if at == 0 {
		return "0"
	}
	unit := Durations[0]
	if step < 1e8 {
		unit = Durations[1]
	}
	decimals := max(0, math.Round(math.Log10(unit.Size))-math.Floor(math.Log10(step)+1e-9))
	return strconv.FormatFloat(at/unit.Size, 'f', int(decimals), 64) + " " + unit.Word
}
