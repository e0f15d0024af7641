//go:build darwin

package servertest

import "syscall"

// tethered does nothing where the kernel has no such thing: a program outlives a test that is killed.
func tethered(*syscall.SysProcAttr) {}
