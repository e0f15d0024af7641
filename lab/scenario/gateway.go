package scenario

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The scenarios about servers of applications: what they hold for a client, and what they must do for it.
var (
	slowClientsScenario = Scenario{
		Name: "slow-clients", Title: "Slow clients, few workers",
		Expect: "Some clients type their requests a byte at a time, for seconds, while others want a quick reply: " +
			"watch whether the quick ones are answered, and which clients hold the workers.",
		Groups:  []string{"fast", "slow"},
		Servers: []string{"wsgi-workers", "wsgi", "asgi", "asgi/python", "wsgi-nginx"},
		Knobs: []Knob{
			{Name: "slow", Label: "slow clients", Min: 1, Max: 64, Default: 8, Step: 1},
			{Name: "hold", Label: "how long each of them types", Says: "each of them types for %s",
				Unit: "ms", Min: 500, Max: 5000, Default: 2000, Step: 100},
			{Name: "clients", Label: "fast clients", Min: 1, Max: 100, Default: 20, Step: 1},
		},
		build: slowClients,
	}
	missingCloseScenario = Scenario{
		Name: "missing-close", Title: "Clients that leave, and a cursor that is never closed",
		Expect: "Some clients leave in the middle of their rows, each of which held one of five connections to the database: " +
			"watch whether later clients find one free.",
		Groups:  []string{"polite", "leavers"},
		Servers: []string{"missing-close", "closing", "missing-close/python", "closing/python"},
		Knobs: []Knob{
			{Name: "leavers", Label: "clients that leave", Min: 1, Max: 10, Default: 5, Step: 1},
			{Name: "clients", Label: "polite clients afterwards", Min: 1, Max: 50, Default: 10, Step: 1},
		},
		build: missingClose,
	}
	afterFirstChunkScenario = Scenario{
		Name: "after-first-chunk", Title: "A failure when half is sent",
		Expect: "The database hangs up in the middle of some replies, whose first rows are out already: " +
			"watch which clients know that they have a half, and which take it for the whole.",
		Groups:  []string{"broken", "whole"},
		Servers: []string{"half-for-whole", "whole-or-nothing", "half-for-whole/python", "whole-or-nothing/python"},
		Knobs: []Knob{
			{Name: "broken", Label: "clients whose rows break off", Min: 1, Max: 50, Default: 10, Step: 1},
			{Name: "whole", Label: "clients whose rows do not", Min: 0, Max: 50, Default: 10, Step: 1},
		},
		build: afterFirstChunk,
	}
	shutdownScenario = Scenario{
		Name: "shutdown", Title: "Told to end, with requests in flight",
		Expect: "Many wait for their answers when the server gets SIGTERM, and others come afterwards: " +
			"watch which clients are still answered, and when and how the server ends.",
		Groups:  []string{"in-flight", "newcomers"},
		Servers: []string{"goroutines", "asgi", "asgi-goroutines", "asgi/python", "wsgi", "wsgi-workers"},
		Knobs: []Knob{
			{Name: "clients", Label: "requests in flight", Min: 1, Max: 100, Default: 50, Step: 1},
			{Name: "delay", Label: "the backend's delay", Says: "the backend takes %s",
				Unit: "ms", Min: 200, Max: 2000, Default: 500, Step: 100},
			{Name: "newcomers", Label: "clients that come afterwards", Min: 0, Max: 100, Default: 20, Step: 1},
		},
		build: shutdown,
	}
)

func init() {
	All = append(All, slowClientsScenario, missingCloseScenario, afterFirstChunkScenario, shutdownScenario)
}

// slowClients: the fast clients come when all the slow ones have begun, and give up before any of them is done, so a
// server whose workers wait for the slow ones answers none of them.
func slowClients(s Settings, r *rand.Rand) Script {
	hold, request := ms(s["hold"]), get("/")
	gap := hold / time.Duration(len(request)-1)
	var slow []Client
	for i, start := range spread(s["slow"], 0, hold/10, r) {
		c := Client{Name: named("slow", i), Group: "slow", Start: start, GiveUp: longest, Steps: []Step{send(request[:1])}}
		for b := range request[1:] {
			c.Steps = append(c.Steps, pause(gap), send(request[b+1:b+2]))
		}
		c.Steps = append(c.Steps, receive(1), Step{Do: Close})
		slow = append(slow, c)
	}
	all := script(longest, slow, visitors("fast", "/", spread(s["clients"], hold/8, hold/2, r), hold-hold/20))
	all.Look = hold * 6 / 10 // the last of the fast clients has come, and none of the slow ones is done
	return all
}

// shutdown: the server gets SIGTERM when all requests should have arrived, and no answer is due: the longer the delay
// is, the busier a machine may be. The newcomers come when the signal should have been delivered.
func shutdown(s Settings, r *rand.Rand) Script {
	terminate := ms(s["delay"]) * 3 / 10
	target := fmt.Sprintf("/ask?delay=%d", s["delay"])
	waiting := visitors("in-flight", target, spread(s["clients"], 0, ms(50), r), longest)
	late := visitors("newcomers", "/", spread(s["newcomers"], terminate+ms(100), terminate+ms(s["delay"]), r), longest)
	all := script(longest, waiting, late)
	all.Terminate = terminate
	return all
}

// missingClose: the rude clients leave when they have the first rows of a hundred. The polite ones come afterwards, one
// after the other, and want the rows in capitals, all of them.
func missingClose(s Settings, r *rand.Rand) Script {
	long := get("/rows?" + strings.Repeat("delay=20&", 99) + "delay=20")
	var rude []Client
	for i, start := range spread(s["leavers"], 0, ms(100), r) {
		rude = append(rude, Client{Name: named("leaver", i), Group: "leavers", Start: start, GiveUp: longest,
			Steps: []Step{send(long), pause(ms(200)), {Do: Reset}}})
	}
	polite := visitors("polite", "/rows?delay=5&delay=5&delay=5",
		spread(s["clients"], ms(500), ms(500)+ms(100*s["clients"]), r), longest)
	for i := range polite {
		polite[i].Steps[1].Want = strings.Repeat("WAITED 5 MS\n", 3)
	}
	return script(longest, rude, polite)
}

// afterFirstChunk: for clients in the group "broken" the database hangs up when it is asked for the third row of four.
func afterFirstChunk(s Settings, r *rand.Rand) Script {
	var groups [2][]Client
	for i, group := range []string{"broken", "whole"} {
		third := map[string]string{"broken": "hangup=1", "whole": "delay=5"}[group]
		groups[i] = visitors(group, "/rows?delay=5&delay=5&"+third+"&delay=5", spread(s[group], 0, ms(100*s[group]), r),
			longest)
		for n := range groups[i] {
			groups[i][n].Steps[1].Want = strings.Repeat("waited 5 ms\n", 4)
		}
	}
	return script(longest, groups[0], groups[1])
}
