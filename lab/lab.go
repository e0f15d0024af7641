// Package lab runs experiments: it starts servers, sends all of them the same traffic at the same time, and collects
// what happened into a recording.
package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"era/lab/process"
	"era/lab/recording"
	"era/lab/scenario"
	"era/lab/traffic"
	"era/runnable/kit/trace"
)

const (
	maxMarks  = 8000 // of one server, in a recording
	manyLanes = 300  // too many to look at one by one

	pollEvery  = 4 * time.Millisecond  // the traces' rings must not fill up between two polls
	watchEvery = 60 * time.Millisecond // batches for the watcher
	settle     = 30 * time.Millisecond // after the last client: for what the servers do about its leaving
	overtime   = 2 * time.Second       // after the script's length, before the clients are cut off
)

// Options of a Lab.
type Options struct {
	Root    string           // of the repository
	Builder *process.Builder // nil: one with the default cache
}

// Lab runs experiments. It may be used by several goroutines; experiments that run at the same time disturb each
// other's times.
type Lab struct {
	root    string
	Builder *process.Builder
}

// New makes a lab.
func New(o Options) *Lab {
	if o.Builder == nil {
		o.Builder = process.NewBuilder(o.Root, "")
	}
	return &Lab{root: o.Root, Builder: o.Builder}
}

// Waiting is the phase of a run that would disturb another one's times.
const Waiting = "waiting: another serve on this machine is running an experiment"

// Run runs an experiment. It waits while another process of this user runs one. w may be nil. If a server cannot be
// built or started, Run returns an error; a crash is part of the result. When ctx ends, everything is stopped and its
// error returned.
func (l *Lab) Run(ctx context.Context, e scenario.Experiment, w Watcher) (*recording.Recording, error) {
	if w == nil {
		w = unwatched{}
	}
	if len(e.Servers) == 0 || len(e.Servers) > recording.MaxServers {
		return nil, fmt.Errorf("an experiment has 1 to %d servers, not %d", recording.MaxServers, len(e.Servers))
	}
	for _, v := range e.Servers {
		if !v.Server.Understands(e.Scenario.Speaks) {
			return nil, fmt.Errorf("%s does not speak what the clients of %s speak: it has scenarios of its own", v, e.Scenario.Name)
		}
	}
	script := e.Script()
	if n, most := script.Descriptors(len(e.Servers)), Descriptors(); most > 0 && n > most {
		return nil, fmt.Errorf("this takes about %d descriptors at once and the limit is %d: take fewer connections or servers, or raise it (ulimit -n)", n, most)
	}
	programs, err := l.build(ctx, e, w)
	if err != nil {
		return nil, err
	}
	defer l.Builder.Pause()()
	done, err := process.Turn(ctx, func() { w.Phase(Waiting) })
	if err != nil {
		return nil, err
	}
	defer done()
	w.Phase("starting the servers")
	before, _ := measureLoad()
	// Once they serve, the end of ctx stops the servers only after the timelines: what they do when they are stopped is
	// not part of the experiment.
	alive, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	starting := context.AfterFunc(ctx, end)
	sides, err := start(alive, programs, script)
	starting()
	defer func() {
		for _, s := range sides {
			s.stop()
		}
	}()
	if err != nil {
		return nil, err
	}
	w.Started(started(e, script, sides))
	x := &experiment{Experiment: e, script: script, sides: sides, watcher: w, before: before}
	if err := x.run(ctx); err != nil {
		return nil, err
	}
	return l.record(ctx, x)
}

func (l *Lab) build(ctx context.Context, e scenario.Experiment, w Watcher) ([]process.Program, error) {
	programs := make([]process.Program, len(e.Servers))
	w.Phase("preparing the servers")
	for i, v := range e.Servers {
		var err error
		watch := func(p process.Progress) { w.Building(Building{v, p}) }
		if programs[i], err = l.Builder.BuildWatched(ctx, v, watch); err != nil {
			return nil, err
		}
	}
	return programs, nil
}

// start starts all servers. If one does not start, it returns the others with the error.
func start(ctx context.Context, programs []process.Program, script scenario.Script) ([]*side, error) {
	sides := make([]*side, len(programs))
	failures := make([]error, len(programs))
	var all sync.WaitGroup
	for i, program := range programs {
		all.Go(func() { sides[i], failures[i] = newSide(ctx, program, script) })
	}
	all.Wait()
	var up []*side
	for _, s := range sides {
		if s != nil {
			up = append(up, s)
		}
	}
	return up, errors.Join(failures...)
}

// experiment is a running experiment.
type experiment struct {
	scenario.Experiment
	script  scenario.Script
	sides   []*side
	watcher Watcher
	before  load  // when the servers were started
	zero    int64 // when it began, on the clock of the traces
	end     int64
}

// run plays the script against all servers at once and collects until it is over.
func (x *experiment) run(ctx context.Context) error {
	// The first step is a little later, so that every client of every server is ready when the clock starts.
	start := time.Now().Add(20*time.Millisecond + time.Duration(len(x.script.Clients)*len(x.sides))*10*time.Microsecond)
	x.zero = int64(trace.Now()) + int64(time.Until(start))
	play, cancel := context.WithDeadline(context.WithoutCancel(ctx), start.Add(x.script.Length+overtime))
	defer cancel()
	var clients sync.WaitGroup
	for _, s := range x.sides {
		s.begin(x.zero)
		clients.Go(func() { traffic.Play(play, start, x.script, s.process.Addr, s.report) })
	}
	over := make(chan struct{})
	go func() {
		clients.Wait()
		x.awaitEnds(play)
		time.Sleep(settle)
		close(over)
	}()
	look, terminate := at(start, x.script.Look), at(start, x.script.Terminate)
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	last := start
	for {
		select {
		case <-ctx.Done():
			x.finish()
			cancel() // the clients report what becomes of them from now on to a timeline that is over
			<-over
			return ctx.Err()
		case <-over:
			x.finish()
			return nil
		case <-look:
			for _, s := range x.sides {
				s.lookWhoHolds()
			}
		case <-terminate:
			for _, s := range x.sides {
				s.terminate()
			}
		case <-poll.C:
			x.collect()
		}
		if now := time.Now(); now.Sub(last) >= watchEvery {
			last = now
			x.look()
			x.watcher.Batch(x.batch())
		}
	}
}

// at returns a channel for the time when a script wants something from the lab; it never fires if after is 0.
func at(start time.Time, after time.Duration) <-chan time.Time {
	if after == 0 {
		return nil
	}
	return time.After(time.Until(start.Add(after)))
}

// collect takes what the servers and the clients have reported since the last call.
func (x *experiment) collect() {
	now := int64(trace.Now())
	for _, s := range x.sides {
		s.collect(now)
		s.bury(now)
	}
}

// look notes what goes on now.
func (x *experiment) look() {
	for _, s := range x.sides {
		s.look()
	}
	x.end = int64(trace.Now()) // after all that was collected: the servers run on meanwhile
}

// finish ends the timelines, in what goes on, and sends the unsent rest of them.
func (x *experiment) finish() {
	x.collect()
	x.look()
	for _, s := range x.sides {
		s.finish(x.end)
	}
	x.watcher.Batch(x.batch())
}
