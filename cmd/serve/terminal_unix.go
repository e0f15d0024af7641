//go:build linux || darwin

package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// isTerminal tells whether the file is the terminal that serve was started from.
func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err == nil
}

// inFront tells whether serve is in the terminal's foreground: what is typed is for it.
func inFront(f *os.File) bool {
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// ignoreStop keeps the system from stopping serve when it reads the terminal in the background, as after Ctrl-Z and bg.
// Such a read fails instead.
func ignoreStop() { signal.Ignore(syscall.SIGTTIN) }
