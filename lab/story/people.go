package story

import (
	"fmt"

	"era/lab/words"
)

// noun is what the clients of a group are called in a sentence.
type noun struct{ one, many string }

// nouns are those of the groups whose names alone do not say who they are, by scenario and group.
var nouns = map[string]noun{
	"crowd/crowd":              {"client", "clients"},
	"storm/storm":              {"client", "clients"},
	"trickle/trickle":          {"trickling client", "trickling clients"},
	"reset/reset":              {"rude client", "rude clients"},
	"slow-reader/slow-reader":  {"client that does not read", "clients that do not read"},
	"fd-setsize/active":        {"late client", "late clients"},
	"fd-setsize/idle":          {"client that stays", "clients that stay"},
	"c10k/active":              {"active client", "active clients"},
	"c10k/idle":                {"silent client", "silent clients"},
	"cpu-hog/hog":              {"client whose request computes", "clients whose requests compute"},
	"blocking-call/asking":     {"client that asks the backend", "clients that ask the backend"},
	"forgotten-await/asking":   {"client", "clients"},
	"fan-out/asking":           {"client", "clients"},
	"swallowed-timeout/asking": {"client", "clients"},
	"edge-starvation/long":     {"client with the long request", "clients with long requests"},
	"edge-starvation/flood":    {"flooding client", "flooding clients"},
	"slow-consumer/consumer":   {"client", "clients"},
	"stream/readers":           {"reader", "readers"},
	"buffering/readers":        {"reader", "readers"},
	"stalled-reader/stalled":   {"client", "clients"},
	"websocket/talkers":        {"talker", "talkers"},
	"websocket/listeners":      {"listener", "listeners"},
	"laggard/talkers":          {"talker", "talkers"},
	"laggard/laggard":          {"member that does not read", "members that do not read"},
	"missing-close/leavers":    {"leaver", "leavers"},
	"after-first-chunk/broken": {"client whose rows break off", "clients whose rows break off"},
	"after-first-chunk/whole":  {"client with whole rows", "clients with whole rows"},
	"shutdown/in-flight":       {"client", "clients"},
	"shutdown/newcomers":       {"newcomer", "newcomers"},
	"echo/lines":               {"client with whole lines", "clients with whole lines"},
	"echo/half":                {"client with half a line", "clients with half a line"},
	"datagrams/burst":          {"sender", "senders"},
	"mail/quick":               {"quick client", "quick clients"},
	"mail/slow":                {"slow client", "slow clients"},
}

// people returns what the clients of a group are called: "fast client" where nothing else is said.
func people(scenario, group string) noun {
	if n, known := nouns[scenario+"/"+group]; known {
		return n
	}
	return noun{group + " client", group + " clients"}
}

// some names some of a group's clients: "the slow client", "all 20 fast clients", "3 of 20 fast clients".
func (g *group) some(n int) string {
	switch {
	case g.clients == 1:
		return "the " + g.one
	case n == g.clients && n == 2:
		return "both " + g.many
	case n == g.clients:
		return fmt.Sprintf("all %s %s", words.Number(n), g.many)
	}
	return fmt.Sprintf("%s of %s %s", words.Number(n), words.Number(g.clients), g.many)
}
