package process

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"era/catalogue"
)

// Ahead builds programs before a reader runs them, one after the other and at low priority, so that the first Run need
// not wait for a compiler.
type Ahead struct {
	builder *Builder

	mu     sync.Mutex
	wanted []catalogue.Variant // and not tried yet, the most urgent one first
	tried  map[string]bool     // pages may ask as often as they like: nothing is tried twice
	some   chan struct{}
}

const (
	aheadNice = 10
	lookAgain = 50 * time.Millisecond // whether something else is built or measured
)

// NewAhead returns an Ahead that has nothing to build yet.
func NewAhead(b *Builder) *Ahead {
	return &Ahead{builder: b, tried: map[string]bool{}, some: make(chan struct{}, 1)}
}

// Want asks for programs, in their order and before all that was asked for earlier. It does not wait.
func (a *Ahead) Want(programs ...catalogue.Variant) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var first []catalogue.Variant
	for _, v := range programs {
		if !a.tried[v.String()] && !slices.ContainsFunc(first, same(v)) {
			first = append(first, v)
		}
	}
	for _, v := range a.wanted {
		if !slices.ContainsFunc(first, same(v)) {
			first = append(first, v)
		}
	}
	a.wanted = first
	select {
	case a.some <- struct{}{}:
	default:
	}
}

func same(v catalogue.Variant) func(catalogue.Variant) bool {
	return func(other catalogue.Variant) bool { return v.String() == other.String() }
}

// Run builds what is wanted until ctx ends. It calls failed for each program that could not be built.
func (a *Ahead) Run(ctx context.Context, failed func(error)) {
	for {
		v, some := a.next()
		switch {
		case ctx.Err() != nil:
			return
		case !some:
			select {
			case <-a.some:
			case <-ctx.Done():
			}
			continue
		}
		err := a.build(ctx, v)
		if errors.Is(err, errPaused) || errors.Is(err, context.Canceled) { // by Pause, or ctx has ended
			continue // it is still wanted
		}
		a.forget(v)
		if err != nil {
			failed(err)
		}
	}
}

// next returns the most urgent program that can be built here.
func (a *Ahead) next() (v catalogue.Variant, some bool) {
	for {
		a.mu.Lock()
		if some = len(a.wanted) > 0; some {
			v = a.wanted[0]
		}
		a.mu.Unlock()
		if !some || a.builder.Available(v) == nil {
			return v, some
		}
		a.forget(v)
	}
}

func (a *Ahead) forget(v catalogue.Variant) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tried[v.String()] = true
	a.wanted = slices.DeleteFunc(a.wanted, same(v))
}

// build builds a program once nothing else is built or measured on this machine. When another process of this user
// begins to measure, the build ends.
func (a *Ahead) build(ctx context.Context, v catalogue.Variant) error {
	b := a.builder
	built := make(chan error, 1)
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for begun := false; ; {
		elsewhere := measured()
		b.mu.Lock()
		busy := b.busy() || elsewhere
		b.mu.Unlock()
		switch {
		case !begun && !busy:
			begun = true
			go func() { built <- b.buildAhead(ctx, v) }()
		case begun && elsewhere:
			b.Pause()()
		}
		select {
		case err := <-built:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

// buildAhead builds a program. A Python program has its modules compiled as well, as far as it imports them when it is
// asked for help.
func (b *Builder) buildAhead(ctx context.Context, v catalogue.Variant) error {
	e := errand{ahead: true, nice: aheadNice}
	p, err := b.build(ctx, v, e)
	if err != nil || v.Language != catalogue.Python {
		return err
	}
	return b.once(ctx, "modules of "+v.String(), e, func(ctx context.Context, _ *building) error {
		c, err := spawn(ctx, spec{Argv: append(slices.Clone(p.Argv), "-h"), Dir: p.Dir, Env: serverEnv(p, ""), Nice: e.nice,
			RSSKB: 512 << 10, Processes: maxProcesses, FileSize: 16 << 20, Wall: patience}, nil, nil)
		if err != nil {
			return fmt.Errorf("compile the modules of %s: %w", v, err)
		}
		<-c.done // a program that does not know -h has compiled its modules all the same
		return ctx.Err()
	})
}
