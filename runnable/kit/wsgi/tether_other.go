//go:build !linux

package wsgi

import "os/exec"

// tether does nothing where the kernel has no such thing: a worker leaves when its line ends, after its request.
func tether(*exec.Cmd) {}
