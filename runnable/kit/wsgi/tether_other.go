//go:build !linux

package wsgi

import (
	"os/exec"
	"syscall"
)

// Tether does nothing on kernels without that function: a worker exits when its line ends, after its request.
func Tether(*exec.Cmd, syscall.Signal) {}
