// Package guess is what a reader is asked before an experiment shows its result, and how near a guess must come.
package guess

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"era/lab/recording"
	"era/lab/words"
)

// Kind is the form of a guess.
type Kind string

// The kinds. The first three are asked about each server, the last about all of them.
const (
	Number Kind = "number" // within a factor, or exact
	Range  Kind = "range"  // one of several ranges
	Choice Kind = "choice" // one of several answers in words
	Order  Kind = "order"  // the server that has most, or least
)

var kinds = []Kind{Number, Range, Choice, Order}

// Asked is a guess as the author of a lab block describes it. What is missing follows from the measure.
type Asked struct {
	Kind    Kind
	Unit    string   // of a number: "s" where "ms" would be long
	Within  float64  // how far from a figure is near enough, as a factor; 1 is exact
	Limits  []string // of a range, ascending: "100ms"
	Options []Option // of a choice
	Which   string   // of an order: "most" or "least"
}

// Option is an answer that is right from a figure on, up to that of the next option.
type Option struct{ Words, From string }

// Guess is what the page must know to ask for a guess, to grade and to remember it.
type Guess struct {
	Kind   Kind    `json:"kind"`
	Unit   string  `json:"unit,omitempty"`   // of a number
	Per    float64 `json:"per,omitempty"`    // how much of what is measured makes one of the unit
	Within float64 `json:"within,omitempty"` // of a number and an order
	Bins   []Bin   `json:"bins,omitempty"`   // of a range and a choice
	Least  bool    `json:"least,omitempty"`  // an order: the server that has least is asked for
	As     string  `json:"as"`               // "twice as long", "as much", "as many"
}

// Bin is an answer to choose.
type Bin struct {
	From  float64 `json:"from"`
	Words string  `json:"words"`
}

// quantity is a kind of figures.
type quantity struct {
	as     string
	units  []unit               // in which a number may be asked for, the usual one first
	within float64              // that of a number, if the author says nothing
	parse  []unit               // in which the limits of ranges are written
	limit  func(float64) string // of a range
	words  func(float64) string
}

type unit struct {
	word string
	size float64
}

var (
	inMillis = []unit{{"ms", 1}, {"s", 1000}}
	inKB     = []unit{{"MB", 1024}, {"KB", 1}}

	times  = quantity{"long", inMillis, 2, inMillis, round(words.Millis), words.Millis}
	memory = quantity{"much", inKB[:1], 2, inKB, round(kilobytes), kilobytes}
)

func kilobytes(kb float64) string { return words.Bytes(int64(kb) << 10) }

// round leaves out a decimal that is zero, as an author writes limits.
func round(write func(float64) string) func(float64) string {
	return func(n float64) string { return strings.Replace(write(n), ".0 ", " ", 1) }
}

// counts are of things; a small number of things can be known exactly.
func counts(one, many string) quantity {
	count := func(n float64) string { return words.Number(int64(n)) }
	return quantity{"many", []unit{{many, 1}}, 1, []unit{{"", 1}}, count, func(n float64) string {
		if n == 1 {
			return strings.TrimSpace("1 " + one)
		}
		return strings.TrimSpace(count(n) + " " + many)
	}}
}

// of returns the quantity of a measure.
func of(measure string) quantity {
	group, name, ofGroup := strings.Cut(measure, ".")
	switch {
	case group == "syscalls":
		return counts("call of "+name, "calls of "+name)
	case ofGroup && slices.Contains([]string{"answered", "failed", "sent"}, name):
		return counts(name, name)
	case ofGroup, measure == "cpu_ms":
		return times
	case measure == "rss_kb_max":
		return memory
	case measure == "threads_max":
		return counts("thread", "threads")
	}
	return counts("", "") // eagain
}

// New completes what is asked about a measure, of so many servers. Its error says what does not fit.
func New(measure string, a Asked, servers int) (*Guess, error) {
	q := of(measure)
	if a.Kind == "" {
		a.Kind = Number
	}
	g := &Guess{Kind: a.Kind, As: q.as}
	if err := a.onlyItsOwn(); err != nil {
		return nil, err
	}
	switch a.Kind {
	case Number:
		return g, g.number(q, a)
	case Range:
		return g, g.ranges(q, a.Limits)
	case Choice:
		return g, g.choices(q, a.Options)
	case Order:
		g.Least, g.Within = a.Which == "least", a.Within
		if g.Within == 0 {
			g.Within = 1.25
		}
		switch {
		case servers < 2:
			return nil, errors.New("guess: an order needs two servers")
		case a.Which != "most" && a.Which != "least":
			return nil, fmt.Errorf("guess: which is %q: want most or least", a.Which)
		case g.Within < 1:
			return nil, fmt.Errorf("guess: within is a factor of at least 1, not %v", g.Within)
		}
		return g, nil
	}
	return nil, fmt.Errorf("guess: kind %q is not one of %v", a.Kind, kinds)
}

// onlyItsOwn returns an error for a key that another kind has.
func (a Asked) onlyItsOwn() error {
	for _, x := range []struct {
		key   string
		given bool
		of    []Kind
	}{
		{"unit", a.Unit != "", []Kind{Number}},
		{"within", a.Within != 0, []Kind{Number, Order}},
		{"limits", a.Limits != nil, []Kind{Range}},
		{"options", a.Options != nil, []Kind{Choice}},
		{"which", a.Which != "", []Kind{Order}},
	} {
		if x.given && !slices.Contains(x.of, a.Kind) {
			return fmt.Errorf("guess: a %s has no %s", a.Kind, x.key)
		}
	}
	return nil
}

func (g *Guess) number(q quantity, a Asked) error {
	in := q.units[0]
	if a.Unit != "" {
		at := slices.IndexFunc(q.units, func(u unit) bool { return u.word == a.Unit })
		if at < 0 {
			return fmt.Errorf("guess: unit is %q, and the measure is in %s", a.Unit, q.unitWords())
		}
		in = q.units[at]
	}
	g.Unit, g.Per, g.Within = in.word, in.size, a.Within
	if g.Within == 0 {
		g.Within = q.within
	}
	if g.Within < 1 || g.Within == 1 && q.within != 1 {
		return fmt.Errorf("guess: within is %v: want a factor above 1, as no time and no memory can be known exactly", g.Within)
	}
	return nil
}

func (q quantity) unitWords() string {
	var all []string
	for _, u := range q.units {
		all = append(all, u.word)
	}
	return strings.Join(all, " or ")
}

// ranges are "under 100 ms", "100 ms to 1.0 s", "1.0 s or more".
func (g *Guess) ranges(q quantity, limits []string) error {
	if len(limits) < 2 {
		return errors.New("guess: a range needs two limits or more")
	}
	for i, text := range limits {
		from, err := q.read(text)
		if err != nil {
			return err
		}
		limit := q.limit(from)
		if i == 0 {
			g.Bins = append(g.Bins, Bin{0, "under " + limit})
		} else {
			g.Bins[i].Words += " to " + limit
		}
		g.Bins = append(g.Bins, Bin{from, limit})
	}
	g.Bins[len(limits)].Words += " or more"
	return g.ascending()
}

func (g *Guess) choices(q quantity, options []Option) error {
	if len(options) < 2 {
		return errors.New("guess: a choice needs two options or more")
	}
	for _, o := range options {
		from, err := q.read(o.From)
		if err != nil {
			return err
		}
		g.Bins = append(g.Bins, Bin{from, o.Words})
	}
	return g.ascending()
}

// ascending makes sure that every figure is in one bin.
func (g *Guess) ascending() error {
	if g.Bins[0].From != 0 {
		return fmt.Errorf("guess: the first option, %q, must begin at 0, so that every figure is in one", g.Bins[0].Words)
	}
	for i, b := range g.Bins[1:] {
		if b.From <= g.Bins[i].From {
			return fmt.Errorf("guess: %q does not begin above %q", b.Words, g.Bins[i].Words)
		}
	}
	return nil
}

// read reads a figure: "100ms", "10MB", "20".
func (q quantity) read(text string) (float64, error) {
	for _, u := range q.parse {
		number, has := strings.CutSuffix(text, u.word)
		if n, err := strconv.ParseFloat(number, 64); has && err == nil && n >= 0 {
			return n * u.size, nil
		}
	}
	if text == "0" {
		return 0, nil
	}
	return 0, fmt.Errorf("guess: %q is not a figure of the measure, which is in %s", text, q.unitWords())
}

// Figure is what was measured of a server.
type Figure struct {
	Value float64 `json:"value"`
	Words string  `json:"words"` // "2.6 s"
}

// Figures are those of each server that a measure is about, nil where a server has none; nil if it is about nothing.
func Figures(r recording.Result, measure string) []*Figure {
	if measure == "" {
		return nil
	}
	q, all := of(measure), make([]*Figure, len(r.Servers))
	for i, s := range r.Servers {
		if value, has := s.Measure(measure); has {
			all[i] = &Figure{value, q.words(value)}
		}
	}
	return all
}
