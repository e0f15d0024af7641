// Package scenario is the catalogue of experiments: what traffic each sends, with which knobs. A scenario and its
// settings and a seed make a script, the same bytes and pauses every time.
package scenario

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"era/catalogue"
)

// SideBySide is how many servers a page shows at once, at most.
const SideBySide = 4

// Scenario is one kind of experiment.
type Scenario struct {
	Name   string             `json:"name"`
	Title  string             `json:"title"`
	Expect string             `json:"expect"` // one sentence: what to look for
	Groups []string           `json:"groups"` // of clients, the one that matters first
	Knobs  []Knob             `json:"knobs"`
	Speaks catalogue.Protocol `json:"speaks,omitempty"` // of its clients
	// InPieces says that replies come in pieces: when the first byte of their bodies came is part of the result.
	InPieces bool `json:"in_pieces,omitempty"`
	// Servers are those that the scenario is made for, if it is made for some: "gather", "asyncawait/python". Others
	// may be run in it.
	Servers []string `json:"servers,omitempty"`
	// Only says that no other server does what the scenario is about.
	Only bool `json:"only,omitempty"`
	// Limits are those of several knobs together.
	Limits []Limit `json:"-"`
	build  func(s Settings, r *rand.Rand) Script
}

// Experiment is a scenario with everything decided. A page, a terminal and the book ask for one by names and texts;
// these are checked once, by New or by Find and Parse.
type Experiment struct {
	Scenario Scenario
	Settings Settings // of all knobs, as Complete and Parse return them
	Servers  []catalogue.Variant
	Seed     uint64
}

// Knob is a number that a reader may set. A duration's value is in milliseconds; in text it is written "250ms" or "2s".
type Knob struct {
	Name    string `json:"name"`
	Label   string `json:"label"`
	Says    string `json:"says,omitempty"` // its value in a sentence: "the slow one pauses %s"; "" for "20 LABEL"
	Unit    string `json:"unit"`           // "", "ms" or "bytes"
	Min     int    `json:"min"`
	Max     int    `json:"max"`
	Default int    `json:"default"`
	Step    int    `json:"step"`
}

// Script is what is sent to every server of an experiment.
type Script struct {
	Clients []Client      `json:"clients"`
	Length  time.Duration `json:"length"` // by then every client is done or has given up
	Files   int           `json:"files"`  // connections open at once, at most: the descriptors it needs
	Asking  int           `json:"asking"` // of these, connections whose server may have one to the backend as well
	// Look is when the lab looks which connections the servers' processes hold; 0 is never.
	Look time.Duration `json:"look,omitempty"`
	// Terminate is when the server gets SIGTERM; 0 is never.
	Terminate time.Duration `json:"terminate,omitempty"`
}

// Client opens one connection and does its steps one after the other. A client without a Close step closes after its
// last one.
type Client struct {
	Name    string        `json:"name"` // "slow 1"
	Group   string        `json:"group"`
	Start   time.Duration `json:"start"`   // when it connects
	GiveUp  time.Duration `json:"give_up"` // when it loses patience, closes, and counts what is unanswered as failed
	Receive int           `json:"receive"` // bytes of its receive buffer (SO_RCVBUF); 0 leaves the system's choice
	Steps   []Step        `json:"steps"`
	// Speaks says where its requests end; it is the scenario's.
	Speaks catalogue.Protocol `json:"speaks,omitempty"`
}

// Step is one thing that a client does. Do says which of the other fields matters.
type Step struct {
	Do    Do            `json:"do"`
	Bytes []byte        `json:"bytes,omitempty"`
	For   time.Duration `json:"for,omitempty"`
	N     int           `json:"n,omitempty"`
	// How the body of each reply must begin; it is not sent, so it is not part of SHA256.
	Want string `json:"want,omitempty"`
}

// Do says what a step does. It means the same in every protocol; not every protocol has Say, Hear, Listen and Reset.
type Do string

// What a client can do.
const (
	Send    Do = "send"    // Bytes of requests; a request is sent when its last byte is
	Pause   Do = "pause"   // For, counted from when the script wanted the pause to begin
	Receive Do = "receive" // N complete replies; in a room, N messages, from any member
	Reset   Do = "reset"   // close so that the server receives RST
	Close   Do = "close"
	Say     Do = "say"    // Bytes that belong to no request: a greeting, a handshake
	Hear    Do = "hear"   // one reply to no request, which must have Want: a code of SMTP, a handshake's key
	Listen  Do = "listen" // messages from here on; until then nothing that comes is read
)

// Find returns the scenario with the name.
func Find(name string) (Scenario, error) {
	var names []string
	for _, s := range All {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Scenario{}, fmt.Errorf("no scenario %q; there are: %s", name, strings.Join(names, ", "))
}

// New makes an experiment without servers. Settings that are missing have their defaults.
func New(name string, settings Settings, seed uint64) (e Experiment, err error) {
	e.Seed = seed
	if e.Scenario, err = Find(name); err == nil {
		e.Settings, err = e.Scenario.Complete(settings)
	}
	return e, err
}

// Script makes what the experiment sends.
func (e Experiment) Script() Script {
	script := e.Scenario.build(e.Settings, rand.New(rand.NewPCG(e.Seed, 0xE7A)))
	for i := range script.Clients {
		script.Clients[i].Speaks = e.Scenario.Speaks
	}
	return script
}
