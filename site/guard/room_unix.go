//go:build linux || darwin

package guard

import "golang.org/x/sys/unix"

// room is how many connections there may be: a quarter of the descriptors, as an experiment needs hundreds.
func room() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return maxConnections // a limit that is smaller shows itself in Accept
	}
	return int(min(maxConnections, uint64(limit.Cur)/4))
}
