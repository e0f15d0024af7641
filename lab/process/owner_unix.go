//go:build unix

package process

import (
	"os"
	"syscall"
)

// isOurs reports whether the file belongs to the user that this process runs as.
func isOurs(at os.FileInfo) bool {
	system, ok := at.Sys().(*syscall.Stat_t)
	return ok && int(system.Uid) == os.Geteuid()
}
