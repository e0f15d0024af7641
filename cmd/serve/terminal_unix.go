//go:build linux || darwin

package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// isTerminal reports whether the file is the terminal that serve was started from.
func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err == nil
}

// inFront reports whether serve is in the terminal's foreground, so that typed text is for it.
func inFront(f *os.File) bool {
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// ignoreStop keeps the system from stopping serve when it reads the terminal in the background, as after Ctrl-Z and bg.
// Such a read then fails.
func ignoreStop() { signal.Ignore(syscall.SIGTTIN) }
