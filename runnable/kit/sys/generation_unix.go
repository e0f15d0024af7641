//go:build linux || darwin

package sys

import "sync/atomic"

// Generations is how many descriptor numbers have their generations counted: as many as Linux gives to a process
// unless fs.nr_open was raised.
const Generations = 1 << 20

var generations [Generations]atomic.Uint32

// Generation counts how often the descriptor number was given back by Close. The kernel gives the lowest free number to
// the next that asks, so a number names one connection after another; who remembers something by number can see here
// whether it still names the same. It is always 0 for numbers from Generations on.
func Generation(fd int) uint32 {
	if uint(fd) >= Generations {
		return 0
	}
	return generations[fd].Load()
}

// givenBack begins the number's next generation.
func givenBack(fd int) {
	if uint(fd) < Generations {
		generations[fd].Add(1)
	}
}
