package trace

// returnAddress is where the function that called its caller will return to: for Begin, called by sys.Read, a place in
// the server. Following the frame pointers takes two loads, where runtime.Callers takes longer than all the rest.
//
//go:noescape
func returnAddress() uintptr

// callers are the return addresses up the stack, the innermost first: of its caller, of that one's, and so on.
//
//go:noescape
func callers(pcs *[24]uintptr) (n int)
