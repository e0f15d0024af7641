//go:build !linux && !darwin

package guard

// room returns how many connections there may be.
func room() int { return maxConnections }
