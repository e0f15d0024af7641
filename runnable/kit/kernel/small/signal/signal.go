// Package signal is what a module of the simulated kernel has instead of os/signal: no signal for the program comes.
package signal

import "era/runnable/kit/kernel/small/os"

func Notify(chan<- os.Signal, ...os.Signal) {}
func Reset(...os.Signal)                    {}
func Ignore(...os.Signal)                   {}
