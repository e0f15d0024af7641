package battery

import (
	"os/exec"
	"syscall"
)

// tether has the kernel kill the program when the thread that starts it ends, and so with a test that is killed
// (PR_SET_PDEATHSIG, prctl(2)). Start it from a goroutine that is locked to its thread.
func tether(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
