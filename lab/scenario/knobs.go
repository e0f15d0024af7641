package scenario

import (
	"fmt"
	"strconv"
	"strings"
)

// Settings are the values of all knobs of a scenario, by name.
type Settings map[string]int

// Knob returns the knob with the name.
func (s Scenario) Knob(name string) (Knob, error) {
	var names []string
	for _, k := range s.Knobs {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return Knob{}, fmt.Errorf("scenario %s has no knob %q; it has: %s", s.Name, name, strings.Join(names, ", "))
}

// Complete checks the given settings and adds the defaults of the others.
func (s Scenario) Complete(given Settings) (Settings, error) {
	all := Settings{}
	for _, k := range s.Knobs {
		all[k.Name] = k.Default
	}
	for name, value := range given {
		k, err := s.Knob(name)
		if err != nil {
			return nil, err
		}
		if value < k.Min || value > k.Max {
			return nil, k.outOfRange(k.Text(value))
		}
		all[name] = value
	}
	for _, limit := range s.Limits {
		if err := limit.check(s, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Parse reads settings as people write them: clients "20", pause "2s" or "250ms", size "8MiB". Other knobs have their
// defaults.
func (s Scenario) Parse(given map[string]string) (Settings, error) {
	read := Settings{}
	for name, text := range given {
		k, err := s.Knob(name)
		if err != nil {
			return nil, err
		}
		if read[name], err = k.Parse(text); err != nil {
			return nil, err
		}
	}
	return s.Complete(read)
}

// Texts formats settings as Parse reads them.
func (s Scenario) Texts(settings Settings) map[string]string {
	texts := map[string]string{}
	for _, k := range s.Knobs {
		if v, ok := settings[k.Name]; ok {
			texts[k.Name] = k.Text(v)
		}
	}
	return texts
}

type suffix struct {
	text   string
	factor int
}

// units are the suffixes of a unit, the largest first; a number without one is in the knob's unit.
var units = map[string][]suffix{
	"ms":    {{"ms", 1}, {"s", 1000}},
	"bytes": {{"MiB", 1 << 20}, {"KiB", 1 << 10}, {"bytes", 1}, {"B", 1}},
}

// Parse parses one value.
func (k Knob) Parse(text string) (int, error) {
	number, factor := strings.TrimSpace(text), 1
	for _, u := range units[k.Unit] {
		if rest, found := strings.CutSuffix(number, u.text); found {
			number, factor = strings.TrimSpace(rest), u.factor
			break
		}
	}
	value, err := strconv.ParseFloat(number, 64)
	exact := value * float64(factor)
	if err != nil || exact != float64(int(exact)) {
		return 0, k.outOfRange(strconv.Quote(text))
	}
	if int(exact) < k.Min || int(exact) > k.Max {
		return 0, k.outOfRange(text)
	}
	return int(exact), nil
}

// Text formats a value as Parse reads it: "2s", "250ms", "8MiB", "20".
func (k Knob) Text(value int) string {
	switch {
	case k.Unit == "ms" && value >= 1000 && value%100 == 0:
		return strconv.FormatFloat(float64(value)/1000, 'f', -1, 64) + "s"
	case k.Unit == "ms":
		return strconv.Itoa(value) + "ms"
	case k.Unit == "bytes" && value >= 1<<20 && value%(1<<20) == 0:
		return strconv.Itoa(value>>20) + "MiB"
	case k.Unit == "bytes" && value >= 1<<10 && value%(1<<10) == 0:
		return strconv.Itoa(value>>10) + "KiB"
	}
	return strconv.Itoa(value)
}

func (k Knob) outOfRange(text string) error {
	return fmt.Errorf("%s is %s: want %s to %s", k.Name, text, k.Text(k.Min), k.Text(k.Max))
}
