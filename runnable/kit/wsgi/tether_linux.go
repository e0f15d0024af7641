package wsgi

import (
	"os/exec"
	"syscall"
)

// Tether makes the kernel send a program the signal when the thread that starts it ends, and so when this process ends
// for any reason (PR_SET_PDEATHSIG, prctl(2)). In main that is the first thread, to which kit/sys has locked it.
func Tether(cmd *exec.Cmd, signal syscall.Signal) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: signal}
}
