// Package scenario is the catalogue of experiments: what traffic each sends, with which knobs. A scenario and its
// settings and a seed make a script, the same bytes and pauses every time.
package scenario

import "time"

// Scenario is one kind of experiment.
type Scenario struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	Expect string   `json:"expect"` // one sentence: what to look for
	Groups []string `json:"groups"` // of clients, the one that matters first
	Knobs  []Knob   `json:"knobs"`
	build  func(s Settings, r *random) []Client
}

// Knob is a number that a reader may set. A duration's value is in milliseconds; in text it is written "250ms" or "2s".
type Knob struct {
	Name    string `json:"name"`
	Label   string `json:"label"`
	Unit    string `json:"unit"` // "", "ms" or "bytes"
	Min     int    `json:"min"`
	Max     int    `json:"max"`
	Default int    `json:"default"`
	Step    int    `json:"step"`
}

// Settings are the values of all knobs of a scenario, by name.
type Settings map[string]int

// Script is what every server of an experiment is sent.
type Script struct {
	Clients []Client      `json:"clients"`
	Length  time.Duration `json:"length"` // when the last step should be over; a run is cut off some time later
}

// Client opens one connection and does its steps one after the other.
type Client struct {
	Name   string        `json:"name"` // "slow 1"
	Group  string        `json:"group"`
	Start  time.Duration `json:"start"`   // when it connects
	GiveUp time.Duration `json:"give_up"` // when it loses patience, closes, and counts what is unanswered as failed
	Steps  []Step        `json:"steps"`
}

// Step is one thing that a client does. Exactly one of the fields is meant, by Do.
type Step struct {
	Do    Do            `json:"do"`
	Bytes []byte        `json:"bytes,omitempty"`
	For   time.Duration `json:"for,omitempty"`
	N     int           `json:"n,omitempty"`
}

// Do says what a step does.
type Do string

// What a client can do.
const (
	Send      Do = "send"       // Bytes; a request is sent when its last byte is
	Pause     Do = "pause"      // For
	Receive   Do = "receive"    // N complete replies
	ReadSlow  Do = "read-slow"  // one complete reply, N bytes at a time with a pause of For between
	HalfClose Do = "half-close" // shut down the sending side
	Reset     Do = "reset"      // close so that the server gets RST
	Close     Do = "close"
)

type random struct{}
