package servertest

import "syscall"

// tethered makes the kernel kill the program when the thread that starts it ends (PR_SET_PDEATHSIG, prctl(2)).
func tethered(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
