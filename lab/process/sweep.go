//go:build linux || darwin

package process

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"era/internal/aside"
)

// record names the processes of a run. A number alone may belong to another process by now; the start time tells them
// apart.
type record struct {
	Run             string
	Lab             int
	Supervisor      int
	SupervisorStart string
	Program         int // 0: not started yet
	ProgramStart    string
	Group           group // "" for none

	noted map[int]string // the program's other descendants, with start times: see note
}

func writeRecord(s spec, p started) error {
	r := record{Run: s.Run, Lab: s.Lab, Supervisor: os.Getpid(), SupervisorStart: startOf(os.Getpid()), Program: p.pid,
		Group: p.group}
	if p.pid != 0 {
		r.ProgramStart = startOf(p.pid)
	}
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("record of the run: %w", err)
	}
	// The record is written completely or not at all: a supervisor that is killed here leaves one that can be read.
	if err := aside.Write(s.Record, ownedName(unwritten), data, 0o600); err != nil {
		return fmt.Errorf("record of the run: %w", err)
	}
	return nil
}

// unwritten is how the name of a record that is being written begins.
const unwritten = "record"

// note adds to a record those processes that are not noted yet. Later there may be no other way to tell which run they
// belong to: a daemon has left its parents and its session, and some programs, such as nginx, write their title where
// their environment was.
func note(file string, ids []int, noted map[int]string) {
	news := map[int]string{}
	for _, id := range ids {
		if noted[id] == "" {
			news[id] = startOf(id)
			noted[id] = news[id]
		}
	}
	if len(news) == 0 {
		return
	}
	data, err := json.Marshal(news)
	if err != nil {
		return // it cannot be
	}
	// Otherwise the disk is full or the run is over, and nothing can be done.
	if f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0); err == nil {
		f.Write(append(data, '\n'))
		f.Close()
	}
}

// readRecord reads a record, and the processes noted after it.
func readRecord(file string) (r record, err error) {
	f, err := os.Open(file)
	if err != nil {
		return r, err
	}
	defer f.Close()
	data := json.NewDecoder(f)
	err = data.Decode(&r)
	for err == nil {
		if data.Decode(&r.noted) != nil { // all into one map
			break // the end of the file, or a supervisor was killed while it wrote
		}
	}
	return r, err
}

// sweep kills what is left of runs without a supervisor: it was killed itself, or the machine ran out of memory.
func sweep(dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.json")) // the pattern is valid
	for _, file := range files {
		if at, err := os.Lstat(file); err != nil || !isAsWritten(at) {
			os.Remove(file) // a record of another user must not get anything killed
			continue
		}
		r, err := readRecord(file)
		if err != nil {
			os.Remove(file) // its supervisor has just removed it, or it is not ours
			continue
		}
		if r.SupervisorStart == "" || startOf(r.Supervisor) == r.SupervisorStart {
			continue // the supervisor is alive and cleans up itself
		}
		if filepath.Base(string(r.Group)) == groupName(r.Run) {
			r.Group.remove()
		}
		if r.Program > 1 && startOf(r.Program) == r.ProgramStart && r.ProgramStart != "" {
			_ = syscall.Kill(-r.Program, syscall.SIGKILL) // a missing group is fine, here and below
		}
		for pid, start := range r.noted {
			if pid > 1 && start != "" && startOf(pid) == start {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		for range 100 { // a forking program may be faster than we are for a while
			left := ofRun(r.Run)
			if len(left) == 0 {
				break
			}
			for _, pid := range left {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		os.Remove(file)
	}
	sweepOwned(dir, unwritten)
	sweepOwned(dir, scratch)
	sweepOwned(filepath.Join(dir, "..", "bin"), part)
}

// Scratch makes a private folder for short-lived files. If this process is killed before it removes the folder, the
// next lab's sweep does.
func Scratch() (dir string, remove func(), err error) {
	in, err := runDir()
	if err != nil {
		return "", nil, err
	}
	dir, err = os.MkdirTemp(in, ownedName(scratch))
	if err != nil {
		return "", nil, fmt.Errorf("scratch folder: %w", err)
	}
	return dir, func() { os.RemoveAll(dir) }, nil
}
