//go:build !linux && !darwin && !wasip1

package readiness

import (
	"time"

	"era/runnable/kit/sys"
)

func New() (Selector, error)       { return nil, sys.ErrNotHere }
func NewEdge() (Selector, error)   { return nil, sys.ErrNotHere }
func NewLazy() (Selector, error)   { return nil, sys.ErrNotHere }
func NewSelect() (Selector, error) { return nil, sys.ErrNotHere }
func NewPoll() (Selector, error)   { return nil, sys.ErrNotHere }

type Once struct{}

func NewOnce() (*Once, error)                   { return nil, sys.ErrNotHere }
func (*Once) Add(fd int) error                  { return sys.ErrNotHere }
func (*Once) Arm(fd int) error                  { return sys.ErrNotHere }
func (*Once) Wait(time.Duration) ([]int, error) { return nil, sys.ErrNotHere }
func (*Once) Close() error                      { return sys.ErrNotHere }
