//go:build !linux && !darwin

package guard

// room is how many connections there may be.
func room() int { return maxConnections }
