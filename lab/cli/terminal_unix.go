//go:build linux || darwin

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminal returns how many columns the terminal behind the file has; 0 if there is no terminal.
func terminal(f *os.File) int {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0 // no terminal: ENOTTY
	}
	if size.Col == 0 {
		return 80
	}
	return int(size.Col)
}
