package loop

import "era/runnable/kit/trace"

// traceBegin returns when the turn's work began, after the wait; 0 when tracing is off.
func traceBegin() uint64 {
	if !trace.On() {
		return 0
	}
	return trace.Now()
}

// traceTurn records a turn that ran n callbacks.
func traceTurn(began uint64, n int) {
	if began != 0 {
		trace.Step(trace.LoopTurn, 0, began, -1, uint32(n))
	}
}
