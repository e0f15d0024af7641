package simulated

import (
	"fmt"
	"slices"
	"strings"

	"era/runnable/kit/kernel/simulation"
)

// Property is something that no run of a good server does.
type Property = simulation.Property

// ParseProperty finds a property by its name. The empty name stands for all but spinning, which one server of the book
// does on purpose.
func ParseProperty(name string) (Property, error) {
	if n := slices.Index(simulation.Properties[:], name); n >= 0 {
		return Property(n), nil
	}
	return 0, fmt.Errorf("no property %q; there are:%s", name, strings.Join(simulation.Properties[:], " "))
}

const (
	wanders = 150    // choices of a random schedule, before it goes on calmly
	patient = 1000   // choices after which a calm run is not worth waiting for
	tries   = 30_000 // choices of all runs that shorten a list
)

// Found is a run that breaches a property.
type Found struct {
	Property Property
	Seed     uint64 // of the schedule that showed it first; 0 is the calm run
	List     string // the shortest list of choices that was found: its last choice breaches the property
}

// Search looks for a run that breaches the property among so many schedules that begin with a snapshot, and shortens
// what it finds. The first schedule is the calm one.
func (i *Instance) Search(begin []byte, p Property, schedules int) (found Found, ok bool) {
	for seed := range uint64(schedules) {
		if is := i.Schedule(begin, seed, p); is != 0 {
			return Found{is, seed, i.shorten(begin, is)}, true
		}
	}
	return Found{}, false
}

// Schedule runs the schedule of a seed to its end, or to the first breach of the property.
func (i *Instance) Schedule(begin []byte, seed uint64, p Property) Property {
	i.Restore(begin)
	if seed > 0 {
		if is := i.Wander(seed, wanders, p); is != 0 {
			return is
		}
	}
	return i.Calm(patient, p)
}

// shorten leaves choices out of the list that was just taken, as long as what follows still breaches the property and
// the run becomes shorter, or as long with fewer faults.
func (i *Instance) shorten(begin []byte, p Property) string {
	list, left := strings.Fields(i.Taken()), tries
	for size := len(list) / 2; size > 0; {
		shorter := false
		for at := 0; at < len(list) && left > 0; {
			without := slices.Concat(list[:at], list[min(at+size, len(list)):])
			i.Restore(begin)
			is := i.Follow(strings.Join(without, " "), p)
			if is == 0 {
				is = i.Calm(patient, p)
			}
			now := strings.Fields(i.Taken())
			left -= len(now)
			if is == p && less(now, list) {
				list, shorter = now, true
			} else {
				at += size
			}
		}
		if !shorter || size > 1 || left <= 0 {
			size /= 2
		}
	}
	return strings.Join(list, " ")
}

func less(a, b []string) bool {
	return len(a) < len(b) || len(a) == len(b) && faults(a) < faults(b)
}

func faults(list []string) (n int) {
	for _, c := range list {
		if simulation.IsFault(c) {
			n++
		}
	}
	return n
}
