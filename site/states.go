package site

import "era/lab/recording"

// stateOrder is the order of the legend, and of drawing: later states are drawn on top.
var stateOrder = []recording.State{
	recording.Idle, recording.Parked, recording.Running, recording.Waiting, recording.Blocked, recording.Queued,
	recording.Unanswered, recording.Answering, recording.Paused, recording.Backpressure, recording.Called, recording.Again,
	recording.Returned,
	recording.Cancelled, recording.Failed, recording.Answered,
}

// stateWords are the states in the words of the legend.
var stateWords = map[recording.State]string{
	recording.Running:      "running",
	recording.Waiting:      "waiting for any of many",
	recording.Blocked:      "blocked in one call",
	recording.Queued:       "connected, not accepted",
	recording.Unanswered:   "asked, no reply yet",
	recording.Answering:    "reply under way",
	recording.Idle:         "open, nothing asked",
	recording.Paused:       "the client pauses",
	recording.Backpressure: "reply not taken",
	recording.Called:       "a call",
	recording.Again:        "EAGAIN",
	recording.Failed:       "error",
	recording.Answered:     "answered",
	recording.Parked:       "parked",
	recording.Returned:     "returned",
	recording.Cancelled:    "cancelled",
}

// patterns are the second channel of each state, so that no state is shown by colour alone: the shapes in a tile of 8
// by 8, drawn over the state's colour. Style sheets give the colours.
var patterns = []struct {
	State recording.State
	Ink   string // path data
}{
	{recording.Running, ""},
	{recording.Waiting, "M0 2h8M0 6h8"},
	{recording.Blocked, "M-2 2l4-4M-2 10L10-2M6 10l4-4"},
	{recording.Queued, "M2 2h.01M6 6h.01"},
	{recording.Unanswered, "M-2-2l12 12M-2 6l4 4M6-2l4 4"},
	{recording.Answering, "M0 6h4v-4h4"},
	{recording.Paused, "M1 4h4"},
	{recording.Backpressure, "M2 0v8M6 0v8"},
	{recording.Idle, ""},
	{recording.Called, ""},
	{recording.Again, "M2 2l4 4M6 2l-4 4"},
	{recording.Failed, "M2 2l4 4M6 2l-4 4"},
	{recording.Answered, ""},
	{recording.Parked, "M0 3.5h8"},
}
