package scenario

import (
	"fmt"
	"math/rand/v2"
	"time"
)

var cpuHogScenario = Scenario{
	Name: "cpu-hog", Title: "One request that computes",
	Expect: "One request keeps the processor busy: watch whether any other client is answered while the server " +
		"computes.",
	Groups:  []string{"fast", "hog"},
	Servers: []string{"threads", "epoll", "asyncawait", "goroutines", "asyncawait/python"},
	Knobs: []Knob{
		{Name: "clients", Label: "fast clients", Min: 1, Max: 200, Default: 20, Step: 1},
		{Name: "ms", Label: "how long one request computes", Says: "one request computes %s",
			Unit: "ms", Min: 100, Max: 2000, Default: 1000, Step: 100},
	},
	build: cpuHog,
}

var stormScenario = Scenario{
	Name: "storm", Title: "All connect at once",
	Expect: "Hundreds connect in the same instant: watch which clients wait in the listen queue, and which find it " +
		"full and must try again.",
	Groups:  []string{"storm"},
	Servers: []string{"blocking", "threads", "epoll", "asyncawait", "asyncawait/python"},
	Knobs: []Knob{
		{Name: "clients", Label: "clients that connect at once", Min: 10, Max: 1000, Default: 400, Step: 10},
	},
	build: storm,
}

// cpuHog: the fast clients come after the hog and give up before it is done, so a server that does nothing else
// meanwhile answers none of them.
func cpuHog(s Settings, r *rand.Rand) Script {
	hold := ms(s["ms"])
	first := hold / 5
	patience := hold - hold/20
	last := first + min(time.Duration(s["clients"])*ms(20), (patience-first)*4/10)
	hog := visitors("hog", fmt.Sprintf("/burn?ms=%d", s["ms"]), []time.Duration{0}, longest)
	return script(longest, hog, visitors("fast", "/", spread(s["clients"], first, last, r), patience))
}

// storm: all connect within a millisecond: the kernel sees hundreds of SYNs before a server can accept one.
func storm(s Settings, r *rand.Rand) Script {
	return script(longest, visitors("storm", "/", spread(s["clients"], 0, ms(1), r), longest))
}
