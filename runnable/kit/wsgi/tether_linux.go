package wsgi

import (
	"os/exec"
	"syscall"
)

// tether has the kernel kill the worker when the thread that starts it ends, and so with its supervisor, however that
// ends (PR_SET_PDEATHSIG, prctl(2)). The thread is the supervisor's first, which kit/sys has locked to its main.
func tether(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
