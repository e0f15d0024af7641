package lab

import (
	"time"

	"era/lab/recording"
)

// load is what the processors have done up to a moment.
type load struct {
	at         time.Time
	processors int           // that this process may use
	busy       time.Duration // of all of these, with whatever
	own        time.Duration // of this process: the clients and the backends
}

// during returns what the processors have done since then, as the servers' part of it is known; nil where the system
// does not say.
func (l load) during(servers time.Duration) *recording.Load {
	now, known := measureLoad()
	took := now.at.Sub(l.at).Seconds()
	if !known || now.processors != l.processors || took <= 0 {
		return nil
	}
	processors := float64(now.processors)
	busy := min((now.busy-l.busy).Seconds()/took, processors) // it is counted in steps of 10 ms
	ours := min((now.own-l.own+servers).Seconds()/took, busy)
	return &recording.Load{Processors: now.processors, Ours: ours, Others: busy - ours}
}
