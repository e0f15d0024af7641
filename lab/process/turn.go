package process

import (
	"context"
	"path/filepath"
)

// Turn waits until no other lab of this user measures on this machine, as two that do so at the same time spoil each
// other's times. busy is called when there is something to wait for. The turn ends with done, or with this process.
func Turn(ctx context.Context, busy func()) (done func(), err error) {
	dir, err := runDir()
	if err != nil {
		return nil, err
	}
	end, err := lock(ctx, filepath.Join(dir, "turn.lock"), busy)
	if err != nil {
		return nil, err
	}
	measures, err := lock(context.WithoutCancel(ctx), filepath.Join(dir, measuringLock), func() {})
	if err != nil {
		end()
		return nil, err
	}
	return func() { measures(); end() }, nil
}

// measuringLock is held by the lab whose turn it is. Unlike the lock of the turn it may be tried at any time, as no lab
// takes the short moment of a try for a measurement.
const measuringLock = "measuring.lock"

// measured reports whether a lab of this user measures now, in this process or another.
func measured() bool {
	dir, err := runDir()
	return err == nil && held(filepath.Join(dir, measuringLock))
}
