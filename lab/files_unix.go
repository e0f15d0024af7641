//go:build linux || darwin

package lab

import (
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// enoughFiles checks that this process may open so many descriptors, including those of the clients and the backends.
// Go has already raised the soft limit to the hard one.
func enoughFiles(n int) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("getrlimit: %w", err)
	}
	if uint64(n) > uint64(limit.Cur) {
		return fmt.Errorf("this takes about %d descriptors at once and the limit is %d: take fewer connections or servers, or raise it (ulimit -n)", n, limit.Cur)
	}
	return nil
}

// system returns the operating system's name and release, without the parts that name a build: "Linux 6.18".
func system() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return runtime.GOOS
	}
	release := strings.Split(strings.SplitN(unix.ByteSliceToString(u.Release[:]), "-", 2)[0], ".")
	return unix.ByteSliceToString(u.Sysname[:]) + " " + strings.Join(release[:min(2, len(release))], ".")
}
