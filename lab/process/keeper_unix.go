//go:build linux || darwin

package process

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// keepEnv marks a process that must become a keeper; its value is the folder of the records.
const keepEnv = "ERA_KEEP"

// A keeper is one more process of a lab, in a session of its own. It holds one end of a pipe, a lease, whose other end
// the lab and all its supervisors hold. The pipe ends when the last of these is gone: then the keeper kills what they
// have left. So nothing has to wait for the next lab when a lab was killed together with its supervisors.
type keeper struct {
	mu    sync.Mutex
	lease *os.File
	gone  chan struct{} // closed when the process has ended
}

var ours keeper

// hold returns the end of the pipe for a supervisor. It starts the keeper if there is none, or if it has ended.
func (k *keeper) hold(dir string) (*os.File, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.lease != nil {
		select {
		case <-k.gone:
			k.lease.Close()
			k.lease = nil
		default:
			return k.lease, nil
		}
	}
	cmd, err := selfCommand("keep", keepEnv+"="+dir)
	if err != nil {
		return nil, err
	}
	lab := os.Getpid()
	// StartOf, as the lab may have ended before the keeper could ask.
	cmd.Args = append(cmd.Args, strconv.Itoa(lab), startOf(lab))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe to the keeper: %w", err)
	}
	defer read.Close()
	cmd.Stdin = read
	if err := cmd.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("start the keeper: %w", err)
	}
	k.lease, k.gone = write, make(chan struct{})
	go func(gone chan struct{}) {
		defer close(gone)
		cmd.Wait() // its exit status means nothing
	}(k.gone)
	return write, nil
}

// keep is the whole life of a keeper.
func keep(dir string) int {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	if len(os.Args) != 4 {
		return 1 // something else started us
	}
	lab, _ := strconv.Atoi(os.Args[2])
	start := os.Args[3]
	io.Copy(io.Discard, os.Stdin) // nothing is written to it: it only ends
	// Their descriptors are closed a moment before they are dead, and there is no event for that: they are not our
	// children.
	for range 10_000 {
		sweep(dir)
		if startOf(lab) != start && !has(dir, lab) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	sweep(dir)
	return 0
}

// has reports whether there are records of the lab's runs.
func has(dir string, lab int) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "*.json")) // the pattern is valid
	for _, file := range files {
		if r, err := readRecord(file); err == nil && r.Lab == lab {
			return true
		}
	}
	return false
}

// selfCommand returns the command for this executable in another role.
func selfCommand(role, env string) (*exec.Cmd, error) {
	if os.Getenv(superviseEnv)+os.Getenv(keepEnv) != "" {
		return nil, fmt.Errorf("%s was started as a supervisor, but does not call MaybeSupervise", os.Args[0])
	}
	path, err := ownExecutable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path)
	cmd.Args = []string{"serve", role}
	// The environment has none of the reader's secrets, as servers can read it. For the settings, see bombs.
	cmd.Env = []string{env, "GODEBUG=asyncpreemptoff=1", "GOGC=off", "GOMEMLIMIT=128MiB"}
	return cmd, nil
}
