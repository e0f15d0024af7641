package others

import (
	"os/exec"
	"syscall"
)

// tether makes the program the first of a group, and has the kernel kill it when the thread that starts it ends, and so
// with a test that is killed (PR_SET_PDEATHSIG, prctl(2)).
func tether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
