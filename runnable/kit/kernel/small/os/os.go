// Package os is what a module of the simulated kernel has instead of Go's: there are no files.
package os

import (
	"io"

	"era/runnable/kit/kernel/small/log"
)

// ErrDeadlineExceeded is the error of what has taken too long.
var ErrDeadlineExceeded error = timeout{}

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// Stderr is the host's.
var Stderr io.Writer = log.Writer()

// Signal is a signal of a system; none ever comes.
type Signal interface {
	String() string
	Signal()
}

// Interrupt is what Ctrl-C sends.
var Interrupt Signal = interrupt{}

type interrupt struct{}

func (interrupt) String() string { return "interrupt" }
func (interrupt) Signal()        {}
