//go:build !wasm

package simulation

// self is for WebAssembly; elsewhere no program runs on this machine.
func self() uintptr { return 0 }
