package scenario

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// longest is when the most patient client gives up: a reader watches an experiment until its end.
const longest = 10 * time.Second

// All are the scenarios, in the order of the book.
var All = []Scenario{
	{
		Name: "one-slow", Title: "One slow client among fast ones",
		Expect: "One client stops in the middle of its request: watch whether the fast ones are answered while it is silent.",
		Groups: []string{"fast", "slow"},
		Knobs: []Knob{
			{Name: "clients", Label: "fast clients", Min: 1, Max: 200, Default: 20, Step: 1},
			{Name: "pause", Label: "the slow one's pause", Says: "the slow one pauses %s",
				Unit: "ms", Min: 100, Max: 10000, Default: 2000, Step: 100},
		},
		build: oneSlow,
	},
	{
		Name: "crowd", Title: "All ask the backend at once",
		Expect: "All ask at once and each answer takes the backend a while: watch whether the waits add up or pass together.",
		Groups: []string{"crowd"},
		Knobs: []Knob{
			{Name: "clients", Label: "clients", Min: 1, Max: 200, Default: 50, Step: 1},
			{Name: "delay", Label: "the backend's delay", Says: "the backend takes %s",
				Unit: "ms", Min: 0, Max: 2000, Default: 50, Step: 10},
		},
		build: crowd,
	},
	{
		Name: "trickle", Title: "One byte at a time",
		Expect: "Requests arrive a byte at a time: watch how often a server is woken, and which other clients it " +
			"keeps waiting.",
		Groups: []string{"trickle", "fast"},
		Knobs: []Knob{
			{Name: "clients", Label: "trickling clients", Min: 1, Max: 100, Default: 10, Step: 1},
			{Name: "gap", Label: "pause between two bytes", Says: "%s between two bytes",
				Unit: "ms", Min: 1, Max: 100, Default: 5, Step: 1},
			{Name: "fast", Label: "fast clients beside them", Min: 0, Max: 50, Default: 5, Step: 1},
		},
		build: trickle,
	},
	{
		Name: "reset", Title: "Clients that hang up",
		Expect: "Some clients reset their connections: watch whether the server survives and every polite client is " +
			"answered.",
		Groups: []string{"polite", "reset"},
		Knobs: []Knob{
			{Name: "clients", Label: "polite clients", Min: 1, Max: 100, Default: 20, Step: 1},
			{Name: "resets", Label: "clients that reset", Min: 1, Max: 100, Default: 10, Step: 1},
		},
		build: reset,
	},
	{
		Name: "slow-reader", Title: "A client that does not read",
		Expect: "One client asks for more than the kernel's buffers hold and does not read it: watch which clients " +
			"wait with the server.",
		Groups: []string{"fast", "slow-reader"},
		Knobs: []Knob{
			{Name: "clients", Label: "fast clients", Min: 1, Max: 200, Default: 20, Step: 1},
			{Name: "pause", Label: "the pause before it reads", Says: "%s before it reads",
				Unit: "ms", Min: 500, Max: 8000, Default: 2000, Step: 100},
			{Name: "size", Label: "size of its reply", Says: "a reply of %s",
				Unit: "bytes", Min: 64 << 10, Max: 32 << 20, Default: 8 << 20,
				Step: 64 << 10},
		},
		build: slowReader,
	},
	{
		Name: "fd-setsize", Title: "More sockets than select can name",
		Expect: "Connections are opened and kept until descriptors pass 1,023: watch what each language's select does then.",
		Groups: []string{"active", "idle"},
		Knobs: []Knob{
			{Name: "sockets", Label: "connections kept open", Min: 10, Max: 4000, Default: 1100, Step: 10},
			{Name: "active", Label: "clients that ask afterwards", Min: 1, Max: 100, Default: 10, Step: 1},
		},
		build: fdSetsize,
	},
	{
		Name: "c10k", Title: "Many that say nothing, a few that ask",
		Expect: "Many connections are opened and stay silent while a few keep asking: watch what the silent ones " +
			"cost those that ask.",
		Groups: []string{"active", "idle"},
		Knobs: []Knob{
			{Name: "idle", Label: "silent connections", Min: 0, Max: 10000, Default: 900, Step: 100},
			{Name: "active", Label: "clients that keep asking", Min: 1, Max: 200, Default: 50, Step: 1},
			{Name: "seconds", Label: "seconds of asking", Says: "asking for %s s", Min: 1, Max: 4, Default: 2, Step: 1},
		},
		build: c10k,
	},
	cpuHogScenario,
	stormScenario,
	blockingCallScenario,
	forgottenAwaitScenario,
	edgeStarvationScenario,
	slowConsumerScenario,
	fanOutScenario,
	swallowedTimeoutScenario,
	streamScenario,
	uploadScenario,
	websocketScenario,
	bufferingScenario,
	stalledReaderScenario,
	laggardScenario,
}

// oneSlow: the fast clients give up before the slow one goes on, so a server that waits for it answers none of them.
func oneSlow(s Settings, r *rand.Rand) Script {
	hold := ms(s["pause"])
	first := min(ms(100), hold/4)
	patience := hold - max(hold/20, ms(20))
	last := first + min(time.Duration(s["clients"])*ms(20), (patience-first)*4/10)
	request := get("/")
	slow := []Client{{
		Name: "slow 1", Group: "slow", GiveUp: hold + ms(3000),
		Steps: []Step{send(request[:8]), pause(hold), send(request[8:]), receive(1), {Do: Close}},
	}}
	return script(hold+ms(3000), slow, visitors("fast", "/", spread(s["clients"], first, last, r), patience))
}

func crowd(s Settings, r *rand.Rand) Script {
	target := fmt.Sprintf("/ask?delay=%d", s["delay"])
	return script(longest, visitors("crowd", target, spread(s["clients"], 0, ms(20), r), longest))
}

func trickle(s Settings, r *rand.Rand) Script {
	request, gap := get("/"), ms(s["gap"])
	takes := time.Duration(len(request)) * gap
	var slow []Client
	for i, start := range spread(s["clients"], 0, min(takes/2, ms(100)), r) {
		c := Client{Name: named("trickle", i), Group: "trickle", Start: start, GiveUp: longest}
		for b := range request {
			if b > 0 {
				c.Steps = append(c.Steps, pause(gap))
			}
			c.Steps = append(c.Steps, send(request[b:b+1]))
		}
		c.Steps = append(c.Steps, receive(1), Step{Do: Close})
		slow = append(slow, c)
	}
	return script(longest, slow, visitors("fast", "/", spread(s["fast"], takes/5, takes*4/5, r), longest))
}

// reset: half of the rude clients hang up in the middle of a request, the others with the reply unread.
func reset(s Settings, r *rand.Rand) Script {
	length := min(ms(20*(s["clients"]+s["resets"])), ms(1000))
	request := get("/")
	var rude []Client
	for i, start := range spread(s["resets"], 0, length*8/10, r) {
		c := Client{Name: named("reset", i), Group: "reset", Start: start, GiveUp: longest}
		c.Steps = []Step{send(request[:len(request)/2]), pause(ms(20)), {Do: Reset}}
		if i%2 == 1 {
			c.Steps = []Step{send(request), pause(ms(20)), {Do: Reset}}
		}
		rude = append(rude, c)
	}
	return script(longest, rude, visitors("polite", "/", spread(s["clients"], 0, length, r), longest))
}

func slowReader(s Settings, r *rand.Rand) Script {
	hold := ms(s["pause"])
	patience := hold - hold/20
	slow := []Client{{
		Name: "slow-reader 1", Group: "slow-reader", GiveUp: hold + ms(5000), Receive: 16 << 10,
		Steps: []Step{send(get(fmt.Sprintf("/ask?size=%d", s["size"]))), pause(hold), receive(1), {Do: Close}},
	}}
	fast := visitors("fast", "/", spread(s["clients"], ms(250), ms(250)+(patience-ms(250))*6/10, r), patience)
	return script(hold+ms(5000), slow, fast)
}

// fdSetsize: connections come slowly enough for the queue of the listener, and each is answered once, so that it has
// really been accepted. The clients that ask afterwards start late enough for a connection that had to be tried twice:
// the kernel tries again after a second.
func fdSetsize(s Settings, r *rand.Rand) Script {
	opened := min(time.Duration(s["sockets"])*ms(2), ms(7500))
	ask := opened + ms(1100)
	end := ask + ms(1000)
	var idle []Client
	for i, start := range spread(s["sockets"], 0, opened, r) {
		idle = append(idle, Client{
			Name: named("idle", i), Group: "idle", Start: start, GiveUp: end,
			Steps: []Step{send(get("/")), receive(1), pause(end - start), {Do: Close}},
		})
	}
	return script(end, idle, visitors("active", "/", spread(s["active"], ask, ask+ms(200), r), end))
}

// thinks is the pause between a reply and the next question of a client that keeps asking.
const thinks = 100 * time.Millisecond

// c10k: the silent clients are answered once, so that they have really been accepted, and stay. The asking ones use one
// connection each, and start after the second in which the kernel retries connections.
func c10k(s Settings, r *rand.Rand) Script {
	opened := min(ms(s["idle"]), ms(8000))
	ask := opened + ms(1100)
	end := ask + ms(1000*s["seconds"]) + ms(1000+s["idle"]/20)
	var clients [2][]Client
	for i, start := range spread(s["idle"], 0, opened, r) {
		clients[0] = append(clients[0], Client{
			Name: named("idle", i), Group: "idle", Start: start, GiveUp: end,
			Steps: []Step{send(get("/")), receive(1), pause(end - start), {Do: Close}},
		})
	}
	for i, start := range spread(s["active"], ask, ask+thinks, r) {
		c := Client{Name: named("active", i), Group: "active", Start: start, GiveUp: end}
		for n := range int(ms(1000*s["seconds"]) / thinks) {
			if n > 0 {
				c.Steps = append(c.Steps, pause(thinks))
			}
			c.Steps = append(c.Steps, send(get("/")), receive(1))
		}
		c.Steps = append(c.Steps, Step{Do: Close})
		clients[1] = append(clients[1], c)
	}
	return script(end, clients[0], clients[1])
}
