package process

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Progress is how far a build has come.
type Progress struct {
	Done, Of int           // packages whose compilation has begun; Of is 0 where their number is not known
	Took     time.Duration // so far
}

// errand says for whom something is built.
type errand struct {
	ahead bool           // no caller waits for it: it is not built while something is measured
	nice  int            // 0..19
	watch func(Progress) // called while it is built; may be nil
}

const watchEvery = 200 * time.Millisecond

// building is a build that is under way.
type building struct {
	wanted int // callers that wait for it, other than those that build ahead
	cancel context.CancelFunc
	done   chan struct{}
	err    error

	began   atomic.Int64 // Unix time in ns; 0 until it is known that the cache lacks it
	counted atomic.Bool  // all packages are known
	mu      sync.Mutex
	begun   int
	of      map[string]bool
}

// compiles takes a line of a compiler: go build -v names each package that it begins to compile.
func (job *building) compiles(line string) {
	if job.needs(line) {
		job.mu.Lock()
		job.begun++
		job.mu.Unlock()
	}
}

// stale takes a line of the list of all packages that have to be compiled. The list is made during the build, so those
// that were compiled first are not on it.
func (job *building) stale(line string) { job.needs(line) }

func (job *building) needs(line string) bool {
	if !isPackage(line) {
		return false
	}
	job.mu.Lock()
	defer job.mu.Unlock()
	if job.of == nil {
		job.of = map[string]bool{}
	}
	job.of[line] = true
	return true
}

// isPackage tells the path of a package from a compiler's message, which has more than one word.
func isPackage(line string) bool { return line != "" && !strings.ContainsAny(line, " :\t") }

func (job *building) progress() Progress {
	began := job.began.Load()
	if began == 0 {
		return Progress{}
	}
	job.mu.Lock()
	defer job.mu.Unlock()
	p := Progress{Done: job.begun, Took: time.Since(time.Unix(0, began))}
	if job.counted.Load() {
		p.Of = len(job.of)
	}
	return p
}

var errPaused = errors.New("nothing is built ahead while an experiment runs")

// once does the work, or waits for the same work that is under way. The work goes on when its caller gives up, as the
// next Run needs it anyway; but see Pause.
func (b *Builder) once(ctx context.Context, what string, e errand, work func(context.Context, *building) error) error {
	b.mu.Lock()
	job := b.pending[what]
	if job == nil {
		if e.ahead && b.busy() {
			b.mu.Unlock()
			return errPaused
		}
		job = &building{done: make(chan struct{})}
		var doing context.Context
		doing, job.cancel = context.WithCancel(context.WithoutCancel(ctx))
		b.pending[what] = job
		go func() {
			defer job.cancel()
			job.err = work(doing, job)
			b.mu.Lock()
			if b.pending[what] == job {
				delete(b.pending, what)
			}
			b.mu.Unlock()
			close(job.done)
		}()
	}
	if !e.ahead {
		job.wanted++
		defer func() {
			b.mu.Lock()
			job.wanted--
			b.mu.Unlock()
		}()
	}
	b.mu.Unlock()
	return job.wait(ctx, e.watch)
}

func (job *building) wait(ctx context.Context, watch func(Progress)) error {
	every := time.NewTicker(watchEvery)
	defer every.Stop()
	for {
		select {
		case <-job.done:
			return job.err
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
			if p := job.progress(); watch != nil && p.Took > 0 {
				watch(p)
			}
		}
	}
}

// called counts a call that waits for a build, until the returned function is called.
func (b *Builder) called() (over func()) { return b.count(&b.calls) }

func (b *Builder) count(n *int) (back func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*n++
	return sync.OnceFunc(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		*n--
	})
}

// busy reports whether nothing may be built ahead now. The caller holds the lock.
func (b *Builder) busy() bool { return b.calls > 0 || b.paused > 0 }

// Pause ends all builds that no call of Build waits for, and waits until their compilers are gone. None is begun until
// resume is called: they would disturb what is measured meanwhile.
func (b *Builder) Pause() (resume func()) {
	resume = b.count(&b.paused)
	b.mu.Lock()
	var idle []*building
	for what, job := range b.pending {
		if job.wanted == 0 {
			job.cancel()
			delete(b.pending, what) // a call of Build begins it again
			idle = append(idle, job)
		}
	}
	b.mu.Unlock()
	for _, job := range idle {
		<-job.done
	}
	return resume
}
