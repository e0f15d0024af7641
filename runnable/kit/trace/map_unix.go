//go:build linux || darwin

package trace

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps a whole file, shared with every process that maps it (mmap(2)).
func mapFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	m, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, &os.PathError{Op: "mmap", Path: path, Err: err}
	}
	return m, nil
}

func unmap(m []byte) error { return unix.Munmap(m) }

// monotonicNow asks the system itself; time.Now would count from the start of this process.
func monotonicNow() uint64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic(err) // the clock id is a constant that every supported system has
	}
	return uint64(t.Nano())
}
