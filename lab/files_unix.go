//go:build linux || darwin

package lab

import (
	"math"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Descriptors returns how many this process may have, those of clients and backends included; 0 is no limit. Go has
// already raised the soft limit to the hard one.
func Descriptors() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > math.MaxInt32 {
		return 0
	}
	return int(limit.Cur)
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
