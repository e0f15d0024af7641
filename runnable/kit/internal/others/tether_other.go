//go:build darwin

package others

import (
	"os/exec"
	"syscall"
)

// tether makes the program the first of a group. Where the kernel cannot do more, it outlives a test that is killed.
func tether(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
