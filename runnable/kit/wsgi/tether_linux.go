package wsgi

import (
	"os/exec"
	"syscall"
)

// Tether has the kernel send a program the signal when the thread that starts it ends, and so with this process, however
// that ends (PR_SET_PDEATHSIG, prctl(2)). In main that is the first thread, to which kit/sys has locked it.
func Tether(cmd *exec.Cmd, signal syscall.Signal) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: signal}
}
