package process

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// child is a program below its supervisor.
type child struct {
	run        string // its secret name
	pid        int
	startedAt  time.Time
	started    chan struct{} // closed when pid and startedAt are set
	done       chan struct{} // closed when the program has ended, nothing is left and all output has been read
	last       report        // set before done is closed
	stdout     *tail
	stderr     *tail
	supervisor *exec.Cmd
	commands   io.WriteCloser // a line makes the supervisor send SIGTERM, the end of the pipe makes it kill everything
	closing    sync.Once
}

// spawn starts a supervisor that starts the program. It returns before the program runs. out and errs are called for
// the lines that the program writes, and may be nil.
func spawn(ctx context.Context, s spec, out, errs func(line string)) (*child, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, err := runDir()
	if err != nil {
		return nil, err
	}
	s.Run, s.Lab = rand.Text(), os.Getpid()
	s.Record = filepath.Join(dir, s.Run+".json")
	line, err := s.line()
	if err != nil {
		return nil, err
	}
	cmd, err := supervisorCommand()
	if err != nil {
		return nil, err
	}
	c := &child{
		run: s.Run, started: make(chan struct{}), done: make(chan struct{}), supervisor: cmd,
		stdout: &tail{observe: out}, stderr: &tail{observe: errs},
	}
	lease, err := ours.hold(dir)
	if err != nil {
		return nil, err
	}
	commands, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("pipe to the supervisor: %w", err)
	}
	c.commands = commands
	readers, writers, err := pipes(3) // reports, standard output, standard error
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = append(writers[:3:3], lease) // descriptors 3, 4, 5 and 6 of the supervisor
	err = cmd.Start()
	closeAll(writers)
	if err != nil {
		closeAll(readers)
		return nil, fmt.Errorf("start the supervisor: %w", err)
	}
	if _, err := commands.Write(line); err != nil {
		c.closing.Do(func() { commands.Close() })
	}
	var outputs sync.WaitGroup
	outputs.Go(func() { c.stdout.read(readers[1]) })
	outputs.Go(func() { c.stderr.read(readers[2]) })
	unwatch := context.AfterFunc(ctx, c.kill)
	go func() {
		c.readReports(readers[0])
		c.closing.Do(func() { commands.Close() })
		if c.last.Ended {
			go cmd.Wait() // only to reap it: its report is complete
		} else if err := cmd.Wait(); c.last.Error == "" {
			c.last.Error = fmt.Sprintf("its supervisor failed: %v", err)
			sweep(dir) // the program may still be alive
		}
		// Nothing is left that could write, so the pipes end. If a process has escaped nevertheless, its output is not
		// waited for.
		grace := time.AfterFunc(time.Second, func() { closeAll(readers) })
		outputs.Wait()
		grace.Stop()
		closeAll(readers)
		unwatch()
		close(c.done)
	}()
	return c, nil
}

// readReports reads the supervisor's reports, until the end of the program or of the supervisor.
func (c *child) readReports(from io.Reader) {
	messages := json.NewDecoder(bufio.NewReader(from))
	for {
		var r report
		if err := messages.Decode(&r); err != nil {
			return // the pipe ends with the supervisor; c.last says whether it ended well
		}
		if r.PID != 0 {
			c.pid, c.startedAt = r.PID, time.Unix(0, r.At)
			close(c.started)
			continue
		}
		c.last = r
		return
	}
}

// kill makes the supervisor kill everything, and does not wait.
func (c *child) kill() {
	c.closing.Do(func() { c.commands.Close() })
}

// terminate makes the supervisor send SIGTERM to the program itself. If either has already ended, that is reported
// anyway.
func (c *child) terminate() { _, _ = c.commands.Write([]byte("\n")) }

func (c *child) stop() Usage {
	c.kill()
	resume(c.supervisor.Process) // a stopped supervisor would not read the command
	select {
	case <-c.done:
	// The supervisor hangs: when it is killed, the kernel kills the program, and the sweep the rest.
	case <-time.After(5 * time.Second):
		c.supervisor.Process.Kill()
		<-c.done
	}
	return c.last.Usage
}

// exit says how the program ended; call it after done. It is "" when it was stopped from here.
func (c *child) exit() string {
	r := c.last
	switch {
	case r.Error != "":
		return r.Error
	case r.Stopped:
		return ""
	case r.Why != "":
		return "stopped: " + r.Why + c.trailer()
	case r.Signal != 0:
		return "signal: " + r.Signal.String() + c.trailer()
	default:
		return fmt.Sprintf("exit status %d", r.Code) + c.trailer()
	}
}

// trailer returns ": " and the last words, or nothing.
func (c *child) trailer() string {
	if words := lastWords(c.stderr.all()); words != "" {
		return ": " + words
	}
	return ""
}

func (c *child) output() []string {
	return append(c.stdout.withDropped("standard output"), c.stderr.withDropped("standard error")...)
}

// lastWords picks the line that says why a program ended: the panic of a Go program, else the last line, which is where
// Python and the C library put it.
func lastWords(lines []string) string {
	for _, line := range lines {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return line
		}
	}
	for i := len(lines) - 1; i >= 0; i-- {
		if line := strings.TrimSpace(lines[i]); line != "" {
			return line
		}
	}
	return ""
}

// runDir returns the private folder for the records of running programs.
func runDir() (string, error) { return Dir("run") }

// Dir makes a folder of the cache that only this user can write to.
func Dir(name string) (string, error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	return ownDir(cache, name)
}

// CacheDir returns the folder for everything that can be made again, and for the records of running programs.
func CacheDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: %w", err)
	}
	return filepath.Join(cache, "era-of-asynchrony"), nil
}

func pipes(n int) (readers, writers []*os.File, err error) {
	for range n {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(append(readers, writers...))
			return nil, nil, fmt.Errorf("pipe: %w", err)
		}
		readers, writers = append(readers, r), append(writers, w)
	}
	return readers, writers, nil
}

// closeAll closes files without written data that could be lost.
func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// errUnsupported is returned on a system without a supervisor.
var errUnsupported = errors.New("servers are run on Linux and macOS only")
