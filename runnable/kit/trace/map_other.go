//go:build !linux && !darwin

package trace

import (
	"errors"
	"sync/atomic"
	"time"
)

var manyThreads atomic.Bool

var errNotHere = errors.New("tracing is not on this system: it needs Linux or macOS")

func mapFile(string) ([]byte, error) { return nil, errNotHere }
func unmap([]byte) error             { return nil }
func monotonicNow() uint64           { return uint64(time.Now().UnixNano()) }
func threadID() uint32               { return 1 }
