package simulation

// self returns what tells the calling goroutine from others: where the runtime keeps it.
func self() uintptr
