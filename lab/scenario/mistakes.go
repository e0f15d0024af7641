package scenario

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Patience is how long the servers of swallowed-timeout wait for their backend.
const Patience = 100 * time.Millisecond

// The scenarios that make a mistake visible. A server that makes the mistake runs beside one that does not.
var (
	blockingCallScenario = Scenario{
		Name: "blocking-call", Title: "A call that blocks, inside the loop",
		Expect: "A few ask a slow backend while others want a quick reply: watch which clients wait for an answer " +
			"that is not theirs.",
		Groups:  []string{"fast", "asking"},
		Servers: []string{"blocking-call", "blocking-in-thread", "asyncawait"},
		Knobs: []Knob{
			{Name: "clients", Label: "fast clients", Min: 1, Max: 100, Default: 20, Step: 1},
			{Name: "asking", Label: "clients that ask the backend", Min: 1, Max: 5, Default: 3, Step: 1},
			{Name: "delay", Label: "the backend's delay", Says: "the backend takes %s",
				Unit: "ms", Min: 100, Max: 1000, Default: 500, Step: 50},
		},
		build: blockingCall,
	}
	forgottenAwaitScenario = Scenario{
		Name: "forgotten-await", Title: "A forgotten await",
		Expect: "All clients ask, and the handler does not wait for the answer: watch how fast the replies come, " +
			"and what is in them.",
		Groups:  []string{"asking"},
		Servers: []string{"forgotten-await", "forgotten-await/python", "asyncawait"},
		Knobs: []Knob{
			{Name: "clients", Label: "clients", Min: 1, Max: 100, Default: 20, Step: 1},
			{Name: "delay", Label: "the backend's delay", Says: "the backend takes %s",
				Unit: "ms", Min: 0, Max: 2000, Default: 200, Step: 50},
		},
		build: forgottenAwait,
	}
	edgeStarvationScenario = Scenario{
		Name: "edge-starvation", Title: "One that never stops talking",
		Expect: "One client sends request upon request without a pause, another a request that two reads must fetch: " +
			"watch how long the polite ones wait, and which client is never answered.",
		Groups:  []string{"polite", "long", "flood"},
		Servers: []string{"epoll", "epoll-edge-once", "epoll-edge-drain", "epoll-edge"},
		Knobs: []Knob{
			{Name: "clients", Label: "polite clients", Min: 1, Max: 100, Default: 20, Step: 1},
			{Name: "requests", Label: "requests of the flood, 1 ms of work each", Min: 100, Max: 2000, Default: 1000, Step: 100},
		},
		build: edgeStarvation,
	}
	slowConsumerScenario = Scenario{
		Name: "slow-consumer", Title: "A client that asks and does not read",
		Expect: "One client asks for many large replies in one breath and reads none for a while: " +
			"watch the server's memory, and when it stops taking requests.",
		Groups:  []string{"consumer"},
		Servers: []string{"no-drain", "with-drain"},
		Knobs: []Knob{
			{Name: "requests", Label: "requests in one breath", Min: 10, Max: 200, Default: 100, Step: 10},
			{Name: "size", Label: "size of each reply", Says: "replies of %s",
				Unit: "bytes", Min: 64 << 10, Max: 256 << 10, Default: 256 << 10,
				Step: 64 << 10},
			{Name: "pause", Label: "the pause before it reads", Says: "%s before it reads",
				Unit: "ms", Min: 500, Max: 3000, Default: 1500, Step: 100},
		},
		build: slowConsumer,
	}
	fanOutScenario = Scenario{
		Name: "fan-out", Title: "Several questions at once, and one fails",
		Expect: "Each request asks the backend three questions at once, and the third fails at once: " +
			"watch what becomes of the other two, whose answers are not needed any more.",
		Groups:  []string{"asking"},
		Servers: []string{"gather", "task-group"}, Only: true,
		Knobs: []Knob{
			{Name: "clients", Label: "clients", Min: 1, Max: 100, Default: 5, Step: 1},
			{Name: "delay", Label: "the backend's delay for the other two", Says: "the backend takes %s for the other two",
				Unit: "ms", Min: 100, Max: 2000, Default: 1000,
				Step: 100},
		},
		build: fanOut,
	}
	swallowedTimeoutScenario = Scenario{
		Name: "swallowed-timeout", Title: "A timeout that is swallowed",
		Expect: "The handler gives its slow backend 100 ms: watch when the client learns that there is no answer, " +
			"and how often the backend is asked.",
		Groups:  []string{"asking"},
		Servers: []string{"swallowed-timeout", "kept-timeout"}, Only: true,
		Knobs: []Knob{
			{Name: "clients", Label: "clients", Min: 1, Max: 100, Default: 5, Step: 1},
			{Name: "delay", Label: "the backend's delay", Says: "the backend takes %s",
				Unit: "ms", Min: 300, Max: 2000, Default: 1000, Step: 100},
		},
		build: swallowedTimeout,
	}
)

// blockingCall: the fast clients come while the answers are waited for, even if one is waited for after the other.
func blockingCall(s Settings, r *rand.Rand) Script {
	delay := ms(s["delay"])
	asking := visitors("asking", fmt.Sprintf("/ask?delay=%d", s["delay"]), spread(s["asking"], 0, ms(10), r), longest)
	all := delay * time.Duration(s["asking"])
	return script(longest, asking, visitors("fast", "/", spread(s["clients"], delay/10, all*8/10, r), longest))
}

// forgottenAwait: a client stays after its reply until the answer that it did not get has come.
func forgottenAwait(s Settings, r *rand.Rand) Script {
	target := fmt.Sprintf("/ask?delay=%d", s["delay"])
	clients := visitors("asking", target, spread(s["clients"], 0, ms(100), r), longest)
	for i := range clients {
		clients[i].Steps = []Step{send(get(target)), {Do: Receive, N: 1, Want: "waited "}, pause(ms(s["delay"] + 100)),
			{Do: Close}}
	}
	return script(longest, clients)
}

// edgeStarvation: a request of the flood has 1 KB, so that one read of 4 KB brings four of them. The long request has 6
// KB: after one read there is more, and no new bytes will arrive to announce it. It is sent long after its connection,
// for a new connection has an event of its own (one can write to it): a server that has that event and reads late would
// find the request, and then have the event of its bytes as well, which is one read more.
func edgeStarvation(s Settings, r *rand.Rand) Script {
	takes := ms(s["requests"])
	end := min(2*takes+ms(3000), longest)
	flood := Client{Name: "flood 1", Group: "flood", GiveUp: end, Steps: []Step{
		send(bytes.Repeat(getWith("/burn?ms=1", 1000), s["requests"])), receive(s["requests"]), {Do: Close},
	}}
	long := Client{Name: "long 1", Group: "long", Start: takes / 10, GiveUp: end, Steps: []Step{
		pause(ms(300)), send(getWith("/", 6000)), receive(1), {Do: Close},
	}}
	return script(end, []Client{flood, long}, visitors("polite", "/", spread(s["clients"], takes/10, takes*6/10, r), end))
}

// getWith returns the request for a target, padded to the given size.
func getWith(target string, size int) []byte {
	begin := strings.TrimSuffix(string(get(target)), "\r\n") + "X-Filler: "
	return []byte(begin + strings.Repeat("x", size-len(begin)-4) + "\r\n\r\n")
}

func slowConsumer(s Settings, r *rand.Rand) Script {
	hold := ms(s["pause"])
	requests := bytes.Repeat(get(fmt.Sprintf("/ask?size=%d", s["size"])), s["requests"])
	return script(longest, []Client{{
		Name: "consumer 1", Group: "consumer", Start: spread(1, 0, ms(10), r)[0], GiveUp: longest, Receive: 16 << 10,
		Steps: []Step{send(requests), pause(hold), receive(s["requests"]), {Do: Close}},
	}})
}

// fanOut: servers that can do so ask one question for each part of the query. The clients stay until the answers that
// they do not wait for are due.
func fanOut(s Settings, r *rand.Rand) Script {
	target := fmt.Sprintf("/ask?delay=%[1]d&delay=%[1]d&hangup=1", s["delay"])
	clients := visitors("asking", target, spread(s["clients"], 0, ms(100), r), longest)
	for i := range clients {
		clients[i].Steps = []Step{send(get(target)), receive(1), pause(ms(s["delay"] + 200)), {Do: Close}}
	}
	return script(longest, clients)
}

func swallowedTimeout(s Settings, r *rand.Rand) Script {
	target := fmt.Sprintf("/ask?delay=%d", s["delay"])
	return script(longest, visitors("asking", target, spread(s["clients"], 0, ms(100), r), longest))
}
