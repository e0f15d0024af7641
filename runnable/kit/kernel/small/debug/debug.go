// Package debug is what a module of the simulated kernel has instead of runtime/debug.
package debug

import "runtime"

// Stack is that of the calling goroutine.
func Stack() []byte {
	b := make([]byte, 8<<10)
	return b[:runtime.Stack(b, false)]
}

// SetMaxThreads does nothing: there are no threads of a system.
func SetMaxThreads(n int) int { return n }
