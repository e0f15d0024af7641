// Package process builds the book's servers, starts them and makes sure that nothing of them is left behind.
//
// Every program runs below a supervisor: this same executable, started again (see MaybeSupervise). The supervisor holds
// a pipe from the lab. When the pipe ends, for whatever reason, it kills the program and all its descendants. When the
// lab and its supervisors are killed at once, a third process does it: see keeper.
package process

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"

	"era/catalogue"
	"era/lab/recording"
	"era/lab/sockets"
)

// How calls are seen.
const (
	TracedInProcess = "in process"
	TracedPreloaded = "preloaded library"
)

// Program is a server that is ready to be started.
type Program struct {
	Variant  catalogue.Variant
	Argv     []string // absolute path of a binary or of the real Python interpreter first
	Dir      string   // working directory: the root of the repository, so that messages name files below it
	Binary   string   // the executable with the debug information; "" for Python
	Preload  string   // library for LD_PRELOAD; "" where it is not needed or cannot be built
	Traced   recording.Traced
	Modules  string // folders of the Python modules that the server needs, as PYTHONPATH has them; "" for none
	UserSite bool   // Python searches where pip install --user puts modules
	Pycache  string // where Python keeps its compiled modules, out of the tree
}

// Options say how to start a server.
type Options struct {
	Backend string        // HOST:PORT of the backend; "" passes none
	Trace   string        // trace file made by trace.Create; "" traces nothing
	Clients int           // how many connect at once: a server may have a thread for each
	NoFile  int           // descriptors the server may open; 0 is 4096, and never more than the system's hard limit
	Wall    time.Duration // longest life; 0 is 5 minutes
	Ready   time.Duration // longest wait for the address; 0 is 10 s
}

const (
	maxProcesses = 64
	// Threads that a server has besides those for clients, and what the reader's other programs may start meanwhile:
	// the kernel counts all tasks of a user together.
	spareTasks = 256
)

// Usage is what a server used during its life, as the system accounts it.
type Usage struct {
	CPU      time.Duration `json:"cpu"` // user and system
	MaxRSSKB int64         `json:"max_rss_kb"`
}

// Process is a running server.
type Process struct {
	Addr    string        // where it listens: a loopback address with the port that it got
	PID     int           // of the server itself
	ReadyIn time.Duration // from starting the process until it said where it listens

	child *child
}

// Start starts the server on a free port of 127.0.0.1 and returns when it has printed where it listens. The end of ctx
// stops it. If the server ends before it listens, the error contains its last words.
func Start(ctx context.Context, program Program, options Options) (*Process, error) {
	argv := append(append([]string{}, program.Argv...), "-addr", "127.0.0.1:0")
	if options.Backend != "" {
		argv = append(argv, "-backend", options.Backend)
	}
	address := make(chan string, 1)
	c, err := spawn(ctx, spec{
		Argv: argv, Dir: program.Dir, Env: serverEnv(program, options.Trace),
		NoFile: cmp.Or(options.NoFile, 4096), CPU: 60, FileSize: 16 << 20,
		RSSKB: 512 << 10, Processes: maxProcesses, Tasks: options.Clients + maxProcesses + spareTasks,
		Wall: cmp.Or(options.Wall, 5*time.Minute),
	}, firstLine("listening on ", address), nil)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", program.Variant, err)
	}
	timeout := time.NewTimer(cmp.Or(options.Ready, 10*time.Second))
	defer timeout.Stop()
	select {
	case addr := <-address:
		ready := time.Now()
		if err := checkAddress(c.supervisor.Process.Pid, addr); err != nil {
			c.stop()
			return nil, fmt.Errorf("start %s: %w", program.Variant, err)
		}
		select {
		case <-c.started: // the supervisor reported the start earlier; its message may be read a moment later
		case <-c.done:
		}
		return &Process{Addr: addr, PID: c.pid, ReadyIn: ready.Sub(c.startedAt), child: c}, nil
	case <-c.done:
		return nil, fmt.Errorf("start %s: it ended before it listened: %s", program.Variant, c.exit())
	case <-timeout.C:
		c.stop()
		return nil, fmt.Errorf("start %s: it did not say where it listens within %v%s",
			program.Variant, cmp.Or(options.Ready, 10*time.Second), c.trailer())
	case <-ctx.Done():
		c.stop()
		return nil, fmt.Errorf("start %s: %w", program.Variant, ctx.Err())
	}
}

// Sample returns what the server uses now: its threads, its resident memory (on Linux without what it shares with
// files), its user and system time (in steps of 10 ms on Linux). All are 0 where the system does not say, and after the
// end.
func (p *Process) Sample() (threads int, rssKB int64, cpu time.Duration) { return sample(p.PID) }

// Peers returns the ports of the clients whose connections the server holds now, by process: a server may be several. A
// connection in the listen queue belongs to no process yet. It returns nil where the system does not say.
func (p *Process) Peers() map[int][]int { return peers(p.PID, p.Addr) }

// Holds reports whether the server, or one of its descendants, has the socket now. It returns false where the system
// does not say.
func (p *Process) Holds(s sockets.Socket) bool { return holds(p.child.supervisor.Process.Pid, s) }

// Done returns a channel that is closed when the server has ended and nothing of it is left.
func (p *Process) Done() <-chan struct{} { return p.child.done }

// Exit says how the server ended, with its last words: "exit status 2: panic: index out of range". It returns "" while
// the server runs and after Stop.
func (p *Process) Exit() string {
	select {
	case <-p.child.done:
		return p.child.exit()
	default:
		return ""
	}
}

// Ended returns when the server ended by itself; the zero time while it runs, and when it was killed. It is set once
// Done is closed.
func (p *Process) Ended() time.Time {
	select {
	case <-p.child.done:
		if at := p.child.last.At; at != 0 {
			return time.Unix(0, at)
		}
	default:
	}
	return time.Time{}
}

// Output returns the last lines that the server wrote, standard output first, then standard error; at most 256 KiB of
// each are kept, and a last line says how much was dropped.
func (p *Process) Output() []string { return p.child.output() }

// Terminate sends SIGTERM to the server's first process, as kill PID does. It does not wait. Done and Exit report what
// follows.
func (p *Process) Terminate() { p.child.terminate() }

// Stop kills the server and all its descendants, waits until nothing is left, and returns what it used. It may be
// called again, and after the end.
func (p *Process) Stop() Usage { return p.child.stop() }

// checkAddress refuses a server that other machines can reach, and an address that is not the server's own.
func checkAddress(supervisor int, addr string) error {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return fmt.Errorf("it said that it listens on %q, which is not an address: %w", addr, err)
	}
	if !ap.Addr().IsLoopback() || ap.Port() == 0 {
		return fmt.Errorf("it listens on %s, which is not a port of the loopback interface",
			net.JoinHostPort(ap.Addr().String(), fmt.Sprint(ap.Port())))
	}
	return checkListeners(supervisor, ap)
}

// firstLine returns an observer of output lines that sends what follows the prefix, once.
func firstLine(prefix string, found chan<- string) func(string) {
	var once sync.Once
	return func(line string) {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			once.Do(func() { found <- strings.TrimSpace(rest) })
		}
	}
}

// spec is the supervisor's instruction: one JSON line.
type spec struct {
	Argv      []string
	Env       []string
	Dir       string
	Run       string        // secret name of the run, in the environment of all its processes as ERA_RUN
	Lab       int           // process ID of the lab
	Record    string        // file that names the processes of the run, for the sweep after a crash
	Scratch   string        // folder to remove at the end; may be ""
	Nice      int           // 0..19
	NoFile    int           // descriptors; 0 leaves the limit unchanged, as do all zeros below
	CPU       int           // seconds
	FileSize  int64         // bytes
	RSSKB     int64         // of all its processes together
	Processes int           // at one time
	Tasks     int           // processes and threads at one time, where the kernel counts them for us
	Wall      time.Duration // longest life
}

// report is what the supervisor sends to the lab: JSON lines.
type report struct {
	Error   string         `json:",omitempty"` // it could not start
	PID     int            `json:",omitempty"` // it started
	At      int64          `json:",omitempty"` // when: Unix time in ns; also for a program that ended by itself
	Ended   bool           `json:",omitempty"` // it ended, and nothing is left
	Code    int            `json:",omitempty"`
	Signal  syscall.Signal `json:",omitempty"` // that ended it
	Why     string         `json:",omitempty"` // the limit for which the supervisor ended it
	Stopped bool           `json:",omitempty"` // it was ended because the lab asked for it
	Usage   Usage
}

func (s spec) line() ([]byte, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("tell the supervisor: %w", err)
	}
	return append(data, '\n'), nil
}
