// Package words formats numbers for people. Terminal, pages and sentences all use it, so that a number reads the same
// everywhere.
package words

import (
	"math"
	"strconv"
	"strings"
	"time"
)

type integer interface {
	~int | ~int64
}

// Unit is a name for a number of the smallest unit.
type Unit struct {
	Word string  `json:"word"`
	Size float64 `json:"size"`
}

// Durations are the units of time, the largest first, in nanoseconds; Sizes are those of memory, in bytes.
var (
	Durations = []Unit{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}, {"ns", 1}}
	Sizes     = []Unit{{"MB", 1 << 20}, {"KB", 1 << 10}, {"bytes", 1}}
)

// Duration writes a time: "600 ns", "8.2 µs", "41 ms", "12.3 s".
func Duration(d time.Duration) string {
	if d == 0 {
		return "0 ms"
	}
	return scale(float64(d), Durations)
}

// Millis is Duration for milliseconds, which results are in.
func Millis(ms float64) string { return Duration(time.Duration(math.Round(ms * 1e6))) }

// Bytes writes a size: "512 bytes", "6.3 KB", "14.6 MB".
func Bytes[N integer](n N) string { return scale(float64(n), Sizes) }

// scale has the one rule of rounding: a number is shown in the largest unit of which it is at least 1. It has a decimal
// below 10, and always in the largest unit, where it may grow without end; otherwise it is whole.
func scale(n float64, units []Unit) string {
	last := len(units) - 1
	at := 0
	for at < last && math.Abs(n) < 0.9995*units[at].Size { // a number that would be 1000 of one unit is 1.0 of the next
		at++
	}
	decimals := 0
	n /= units[at].Size
	if at < last && (at == 0 || math.Abs(n) < 9.95) {
		decimals = 1
	}
	return strconv.FormatFloat(n, 'f', decimals, 64) + " " + units[at].Word
}

// Number writes a number with commas: "12,345".
func Number[N integer](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Plural formats a number of things: "1 client", "20 clients", "3 replies".
func Plural[N integer](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if stem, y := strings.CutSuffix(thing, "ly"); y { // reply
		return Number(n) + " " + stem + "lies"
	}
	return Number(n) + " " + thing + "s"
}

// Verb is the form of a verb, or of another word, for so many: "is" or "are".
func Verb[N integer](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Times formats how often something happened: "once", "twice", "1,200 times".
func Times[N integer](n N) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return Number(n) + " times"
}

// And joins names: "a", "a and b", "a, b and c".
func And(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
