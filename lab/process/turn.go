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
	return lock(ctx, filepath.Join(dir, "turn.lock"), busy)
}
