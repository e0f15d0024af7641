//go:build !amd64

package trace

import "runtime"

// returnAddress is where the function that called its caller will return to: for Begin, called by sys.Read, a place in
// the server.
func returnAddress() uintptr {
	var pcs [1]uintptr
	runtime.Callers(4, pcs[:]) // skips Callers, returnAddress, Begin and sys.Read
	return pcs[0]
}

// callers are the return addresses up the stack, the innermost first.
func callers(pcs *[24]uintptr) (n int) { return runtime.Callers(2, pcs[:]) }
