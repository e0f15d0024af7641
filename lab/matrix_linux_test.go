package lab

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"era/lab/matrix"
	"era/lab/process"
	"era/lab/recording"
)

// The matrix does not begin while another lab of this user measures.
func TestMatrixWaitsForItsTurn(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("PATH", t.TempDir()) // each cell would finish at once, since nothing can be built
	done, err := process.Turn(t.Context(), func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := New(Options{Root: "..", Builder: process.NewBuilder("..", t.TempDir())}).Matrix(ctx,
			func(matrix.Place, recording.Cell) { stop() })
		ended <- err
	}()
	for locksOpen() < 2 && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if ctx.Err() != nil {
		t.Error("a cell was run while another lab measured")
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

// locksOpen returns how often this process has the lock open: once for the holder, and once for the waiter.
func locksOpen() (n int) {
	files, _ := filepath.Glob("/proc/self/fd/*") // the pattern is valid
	for _, file := range files {
		if name, err := os.Readlink(file); err == nil && strings.HasSuffix(name, "turn.lock") {
			n++
		}
	}
	return n
}
