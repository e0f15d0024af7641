//go:build linux || darwin

package guard

import "golang.org/x/sys/unix"

// room returns how many connections there may be: a quarter of the descriptors, as an experiment needs hundreds.
func room() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return maxConnections // Accept fails if the limit is smaller
	}
	return int(min(maxConnections, uint64(limit.Cur)/4))
}
