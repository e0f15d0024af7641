//go:build !linux

package wsgi

import (
	"os/exec"
	"syscall"
)

// Tether does nothing where the kernel has no such thing: a worker leaves when its line ends, after its request.
func Tether(*exec.Cmd, syscall.Signal) {}
