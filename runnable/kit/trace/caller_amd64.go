package trace

// returnAddress is where the function that called its caller will return to: for Begin, called by sys.Read, a place in
// the server. Following the frame pointers takes two loads, where runtime.Callers takes longer than all the rest.
//
//go:noescape
func returnAddress() uintptr
