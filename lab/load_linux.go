package lab

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// measureLoad reads /proc/stat; false if that says nothing.
func measureLoad() (load, bool) {
	now := load{at: time.Now()}
	var may unix.CPUSet
	var own unix.Rusage
	text, err := os.ReadFile("/proc/stat")
	if err != nil || unix.SchedGetaffinity(0, &may) != nil || unix.Getrusage(unix.RUSAGE_SELF, &own) != nil {
		return now, false
	}
	now.own = time.Duration(own.Utime.Nano() + own.Stime.Nano())
	now.processors, now.busy = busyTime(string(text), may.IsSet)
	return now, now.busy > 0 // a container may show zeros
}

// busyTime returns how many processors may be used, and how long all of them were busy, of what /proc/stat says. Time
// that a hypervisor took is busy, the wait for a disk is not.
func busyTime(stat string, may func(cpu int) bool) (processors int, busy time.Duration) {
	const user, idle, wait, steal = 1, 4, 5, 8 // fields: cpu0 user nice system idle iowait irq softirq steal guest …
	for line := range strings.Lines(stat) {
		fields := strings.Fields(line)
		if len(fields) <= steal {
			continue
		}
		number, isCPU := strings.CutPrefix(fields[0], "cpu")
		cpu, err := strconv.Atoi(number) // the line of all together has no number
		if !isCPU || err != nil || !may(cpu) {
			continue
		}
		processors++
		for i := user; i <= steal; i++ {
			if ticks, err := strconv.Atoi(fields[i]); err == nil && i != idle && i != wait {
				busy += time.Duration(ticks) * 10 * time.Millisecond // USER_HZ is 100
			}
		}
	}
	return processors, busy
}
