//go:build !linux && !darwin

package lab

import "runtime"

// Descriptors returns how many this process may have; 0 is no limit.
func Descriptors() int { return 0 }

func system() string { return runtime.GOOS }
