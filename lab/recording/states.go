package recording

import (
	"fmt"
	"slices"
)

// State is what a lane does during a mark.
type State string

// The states. Those from Called on are moments, drawn as glyphs unless they took long enough to be seen; the others are
// bars, which fill their lane.
const (
	Running State = "running" // a thread that computes, a coroutine or task that has its turn
	// a thread that waits in select or a similar call: any of many descriptors can wake it
	Waiting    State = "waiting"
	Blocked    State = "blocked"    // a thread that waits in one call for one descriptor
	Parked     State = "parked"     // a coroutine or task that waits; it holds no thread
	Queued     State = "queued"     // a connection that is established and not accepted
	Unanswered State = "unanswered" // a connection that has asked and waits for its reply
	Answering  State = "answering"  // a connection whose reply has begun and is not complete
	// a client that keeps the server waiting, in the middle of a request or of reading a reply
	Paused       State = "paused"
	Backpressure State = "backpressure" // bytes that the peer does not take, and the task that waits until it does
	Idle         State = "idle"         // a connection that is open and has nothing to ask
	Called       State = "called"       // a call that returned at once
	Again        State = "again"        // a call that returned EAGAIN
	Returned     State = "returned"     // a coroutine or task is over
	Cancelled    State = "cancelled"    // a task is asked to end, or ended so
	Failed       State = "failed"       // a call or a connection that ended in an error
	Answered     State = "answered"     // the reply is complete
)

// Look is how a state is shown. Colour, pattern, outline and glyph together show it, so that none depends on colour
// alone.
type Look struct {
	State State  `json:"-"`
	Word  string `json:"word"`           // in the legend
	Means string `json:"means"`          // what the word leaves out
	One   string `json:"one,omitempty"`  // a label of one lane; "" is Word
	Many  string `json:"many,omitempty"` // a label of many lanes, after their number; "" if their sum has none
	Light string `json:"-"`              // its colour on light paper
	Dark  string `json:"-"`              // the same on dark paper; "" is Light

	// Fill is the opacity of the colour. Upon it lies the pattern: path data in a tile of 8 by 8, drawn with a line of
	// Width in Ink with opacity Soft. A state with an Edge has an outline as well.
	Fill    float64 `json:"fill"`
	Pattern string  `json:"pattern,omitempty"`
	Width   float64 `json:"width,omitempty"`
	Ink     Ink     `json:"ink,omitempty"`
	Soft    float64 `json:"soft,omitempty"` // 0 is 1
	Edge    bool    `json:"edge,omitempty"`

	Glyph Glyph `json:"glyph,omitempty"` // of a moment
	// Rest marks that nothing happens. Where many lanes are summed up it is not shown when it is too short to be seen.
	Rest bool `json:"rest,omitempty"`
	// End marks how a lane ended, which is shown upon the sum of many.
	End bool `json:"end,omitempty"`
	// Client marks what a client sees; the rest is what the server does.
	Client bool `json:"-"`
}

// Ink is the colour of a pattern: of the state, or one of the page.
type Ink string

// The inks.
const (
	Own   Ink = "own"
	Paper Ink = "paper"
	Dark  Ink = "dark" // in both themes
	Text  Ink = "ink"
)

// Glyph is the shape of a moment.
type Glyph string

// The glyphs.
const (
	Tick   Glyph = "tick"
	Cross  Glyph = "cross"
	Ring   Glyph = "ring"
	Barred Glyph = "barred" // a ring with a bar through it
	Error  Glyph = "error"  // a disc with a cross in it
	Check  Glyph = "check"  // a disc with a check in it, where there is room for that
)

// Looks are all states in the order of the legend, which is also that of drawing: what comes later lies above. First
// what the server does, then what its clients see of it, then what happens in a moment. On dark paper, large areas have
// four fifths of their light, so that they do not glare.
var Looks = []Look{
	{State: Running, Word: "running", Means: "the thread computes, or waits for a lock of the program; the task has its turn",
		Light: "#009e73", Fill: 1},
	{State: Waiting, Word: "waiting for any of many", Means: "asleep in select: the first descriptor that is ready wakes it",
		One: "waiting", Many: "waiting",
		Light: "#0072b2", Dark: "#4aa3df", Fill: 0.16, Pattern: "M0 2h8M0 6h8", Width: 2, Ink: Own},
	{State: Blocked, Word: "blocked in one call", Means: "asleep until this one descriptor has something",
		One: "blocked", Many: "blocked",
		Light: "#d55e00", Dark: "#aa4b00", Fill: 1, Pattern: "M-2 2l4-4M-2 10L10-2M6 10l4-4", Width: 2.2, Ink: Paper,
		Soft: 0.62},
	{State: Parked, Word: "parked", Means: "the coroutine or task waits, and no thread with it",
		Many:  "parked", // on a lane it is a thin line
		Light: "#0072b2", Dark: "#4aa3df", Fill: 0.1, Pattern: "M0 3.5h8", Width: 1, Ink: Own, Rest: true},
	{State: Queued, Client: true,
		Word: "connected, not accepted", Means: "the kernel holds the connection, the program does not know of it",
		One: "waits to be accepted", Many: "wait to be accepted",
		Light: "#f0e442", Dark: "#c0b635", Fill: 1, Pattern: "M2 2h.01M6 6h.01", Width: 2.3, Ink: Dark, Edge: true},
	{State: Unanswered, Client: true, Word: "asked, no reply yet", Means: "the client waits",
		One: "waits for its reply", Many: "wait for their replies",
		Light: "#56b4e9", Fill: 0.6, Pattern: "M-2-2l12 12M-2 6l4 4M6-2l4 4", Width: 1, Ink: Dark, Soft: 0.5, Edge: true},
	{State: Answering, Client: true, Word: "reply under way", Means: "its first byte has come, and not yet the last",
		Many:  "have the beginning of their replies",
		Light: "#8fd3b6", Dark: "#72a992", Fill: 1, Pattern: "M0 6h4v-4h4", Width: 1, Ink: Dark, Soft: 0.55, Edge: true},
	{State: Paused, Client: true, Word: "the client pauses", Means: "the client keeps the server waiting",
		Many:  "pause",
		Light: "#5c5a55", Dark: "#b5b0a5", Pattern: "M1 4h4", Width: 1.4, Ink: Text, Soft: 0.8},
	{State: Backpressure, Client: true,
		Word: "reply not taken", Means: "the client does not read what is sent, or a task waits until it does",
		One: "does not take its reply", Many: "do not take their replies",
		Light: "#e69f00", Dark: "#b87f00", Fill: 1, Pattern: "M2 0v8M6 0v8", Width: 1.5, Ink: Dark, Edge: true},
	{State: Idle, Client: true, Word: "open, nothing asked", Means: "the connection costs memory and no time",
		Many:  "open, ask nothing",
		Light: "#5c5a55", Dark: "#8c887f", Soft: 0.35, Edge: true, Rest: true},
	{State: Called, Word: "a call", Means: "it returned at once",
		Light: "#222", Dark: "#e8e4da", Fill: 0.55, Glyph: Tick},
	{State: Again, Word: "EAGAIN", Means: "a call that found nothing and said so",
		Light: "#b0487f", Dark: "#e08fbd", Fill: 0.22, Pattern: "M2 2l4 4M6 2l-4 4", Width: 1.3, Ink: Own, Glyph: Cross},
	{State: Returned, Word: "returned", Means: "the coroutine or task is over",
		Light: "#222", Dark: "#e8e4da", Fill: 1, Glyph: Ring, End: true},
	{State: Cancelled, Word: "cancelled", Means: "the task, or the server, was asked to end, or has ended so",
		Light: "#9a4a00", Dark: "#f0a35e", Fill: 1, Glyph: Barred, End: true},
	{State: Failed, Client: true, Word: "error", Means: "a call or a connection that ended in an error",
		Light: "#b0487f", Dark: "#e08fbd", Fill: 0.5, Pattern: "M2 2l4 4M6 2l-4 4", Width: 1.3, Ink: Text, Glyph: Error,
		End: true},
	{State: Answered, Client: true, Word: "answered", Means: "the reply is complete",
		Light: "#007a59", Dark: "#2bc596", Fill: 1, Glyph: Check, End: true},
}

// Piled are the bars in the order in which they lie upon each other where many lanes are summed up, the lowest first:
// what a lane does, then what it waits for, then rest.
var Piled = []State{Running, Answering, Unanswered, Queued, Backpressure, Paused, Blocked, Waiting, Parked, Idle}

// Order is the state's place in Looks, -1 for a state that does not exist.
func (s State) Order() int {
	return slices.IndexFunc(Looks, func(l Look) bool { return l.State == s })
}

// Look is how the state is shown; without any words, colour or shape if the state does not exist.
func (s State) Look() Look {
	if i := s.Order(); i >= 0 {
		return Looks[i]
	}
	return Look{State: s}
}

// Moment tells that marks of the state are glyphs, unless they took long enough to be seen.
func (s State) Moment() bool { return s.Look().Glyph != "" }

// UnmarshalText refuses a state that does not exist: its word becomes the name of a class in the pages.
func (s *State) UnmarshalText(text []byte) error {
	at := State(text).Order()
	if at < 0 {
		return fmt.Errorf("unknown state %q", text)
	}
	*s = Looks[at].State
	return nil
}
