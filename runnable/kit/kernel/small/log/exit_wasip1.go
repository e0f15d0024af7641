package log

import "era/runnable/kit/kernel/simulation"

func exit(why string) { simulation.Machine.Exit(why) }
