//go:build !linux && !darwin

package readiness

import "era/runnable/kit/sys"

func New() (Selector, error)       { return nil, sys.ErrNotHere }
func NewEdge() (Selector, error)   { return nil, sys.ErrNotHere }
func NewLazy() (Selector, error)   { return nil, sys.ErrNotHere }
func NewSelect() (Selector, error) { return nil, sys.ErrNotHere }
func NewPoll() (Selector, error)   { return nil, sys.ErrNotHere }
