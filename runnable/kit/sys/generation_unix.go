//go:build linux || darwin

package sys

import "sync/atomic"

// Generations is the number of descriptors whose generations are counted: as many as a Linux process can have unless
// fs.nr_open was raised.
const Generations = 1 << 20

var generations [Generations]atomic.Uint32

// Generation counts how often Close has released the descriptor number. The kernel gives the lowest free number to the
// next new descriptor, so a number names one connection after another; code that stores something by number can check
// here whether the number still names the same one. It is always 0 for numbers from Generations on.
func Generation(fd int) uint32 {
	if uint(fd) >= Generations {
		return 0
	}
	return generations[fd].Load()
}

// givenBack starts the number's next generation.
func givenBack(fd int) {
	if uint(fd) < Generations {
		generations[fd].Add(1)
	}
}
