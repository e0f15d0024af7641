package wsgi

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Workers serves with processes: a supervisor, which answers no requests, and N workers that share its listening socket
// and answer one request at a time, as Gunicorn's sync workers do. A worker that crashes loses one request; one that
// hangs is killed; either is replaced. Workers share no memory, so applications need no locks; and connections are not
// kept alive, because an idle client would occupy a worker.
//
// A worker is the same program, started again with the listener as descriptor 3: Gunicorn forks instead, which a Go
// program with its many threads cannot do. Two pipes connect it to the supervisor. On one the worker reports that it is
// alive. The other carries no data: its end of file means that the worker is not needed any more, or that the
// supervisor is gone, and the worker exits.
type Workers struct {
	App     App
	N       int           // worker processes; 0 is 4
	Timeout time.Duration // a worker silent for longer is killed, so requests may take no longer; 0 is 30 s
	Errors  io.Writer     // as in Threads

	once          sync.Once
	stop, restart chan struct{}
}

// shortest is the time between the start of a worker and that of its replacement: repeated crashes must not use up the
// machine.
const shortest = 100 * time.Millisecond

// env marks a process as a worker.
const env = "ERA_WSGI_WORKER"

// Descriptors that a worker inherits.
const (
	inherited = 3 + iota
	beats     // it writes a byte here from time to time
	line      // its end of file ends the worker
)

// Inherited is the listener of the supervisor that started this process as a worker.
func Inherited() (listener int, ok bool) { return inherited, os.Getenv(env) != "" }

// Serve supervises workers until Stop. In a worker it answers requests until the supervisor ends it.
func (s *Workers) Serve(listener int) error {
	if _, is := Inherited(); is {
		return s.work(listener)
	}
	s.init()
	// Before the listener is non-blocking: package os would make it blocking again for each worker that starts.
	socket := os.NewFile(uintptr(listener), "listener")
	defer socket.Close()
	ended := make(chan *worker)
	crew := map[*worker]bool{} // true: it was asked to exit
	hire := func() error {
		for range cmp.Or(s.N, 4) {
			w, err := s.hire(socket, ended)
			if err != nil {
				return err
			}
			crew[w] = false
		}
		return nil
	}
	dismiss := func(these map[*worker]bool) {
		for w := range these {
			w.line.Close() // a second time it returns an error, which does not matter
			crew[w] = true
		}
	}
	err := hire()
	for stop := s.stop; len(crew) > 0; {
		if err != nil {
			dismiss(crew)
		}
		restart := s.restart
		if len(crew) > 2*cmp.Or(s.N, 4) {
			restart = nil // many old ones are still there: wait, or many restarts would start too many processes
		}
		select {
		case <-stop:
			stop = nil // closed: once is enough
			dismiss(crew)
		case <-restart:
			if old := maps.Clone(crew); stop != nil && err == nil {
				err = hire() // start them while the old ones finish
				dismiss(old)
			}
		case w := <-ended:
			dismissed := crew[w]
			delete(crew, w)
			w.line.Close()
			switch {
			case dismissed || err != nil:
			case !w.beaten && w.cmd.ProcessState.Exited(): // by itself; if it was killed, the next need not fail
				err = fmt.Errorf("worker %d did not start: %v", w.cmd.Process.Pid, w.cmd.ProcessState)
			default:
				log.Printf("worker %d is replaced: %v", w.cmd.Process.Pid, w.cmd.ProcessState)
				w, err = s.hire(socket, ended)
				if err == nil {
					crew[w] = false
				}
			}
		}
	}
	return err
}

// Stop makes every worker finish its request, and then Serve return.
func (s *Workers) Stop() { s.init(); close(s.stop) }

// Restart replaces all workers; each of the old ones finishes its request. The program itself may have changed on disk.
func (s *Workers) Restart() {
	s.init()
	select {
	case s.restart <- struct{}{}:
	default: // a restart is pending already
	}
}

func (s *Workers) init() {
	s.once.Do(func() { s.stop, s.restart = make(chan struct{}), make(chan struct{}, 1) })
}

// worker is the supervisor's view of a worker.
type worker struct {
	cmd    *exec.Cmd
	beats  *os.File // its signs of life
	line   *os.File // closed to end it
	beaten bool     // it has reported at least once
}

// hire starts a worker. When it ends, it is sent to the channel.
func (s *Workers) hire(listener *os.File, ended chan<- *worker) (*worker, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("this program: %w", err)
	}
	beats, says, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	defer says.Close()
	hears, line, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	defer hears.Close()
	cmd := exec.Command(program, os.Args[1:]...)
	cmd.ExtraFiles = []*os.File{listener, says, hears}
	cmd.Env = append(os.Environ(), env+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	Tether(cmd, syscall.SIGKILL)
	w := &worker{cmd: cmd, beats: beats, line: line}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	born := time.Now()
	go func() {
		w.watch(cmp.Or(s.Timeout, 30*time.Second))
		time.Sleep(time.Until(born.Add(shortest))) // no process waits for this
		ended <- w
	}()
	return w, nil
}

// watch waits until the worker has ended, and kills it when it is silent for too long.
func (w *worker) watch(timeout time.Duration) {
	defer w.beats.Close()
	for {
		w.beats.SetReadDeadline(time.Now().Add(timeout)) // pipes support deadlines
		_, err := w.beats.Read(make([]byte, 64))
		if err == io.EOF {
			break // it is ending
		}
		if err != nil {
			log.Printf("worker %d was silent for %v and is killed", w.cmd.Process.Pid, timeout)
			w.cmd.Process.Kill() // fails only if the worker has ended by itself
			break
		}
		w.beaten = true
	}
	w.cmd.Wait() // how it ended is in its ProcessState
}
