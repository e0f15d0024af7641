package sys

import (
	"path/filepath"
	"testing"

	"os"

	"era/runnable/kit/trace"
)

func TestMain(m *testing.M) { os.Exit(m.Run()) }

func BenchmarkCloseTraced(b *testing.B) {
	_ = filepath.Join
	_ = trace.Env
	for b.Loop() {
		Close(-1)
	}
}
