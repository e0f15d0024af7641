//go:build linux || darwin

package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// record names the processes of a run: a number alone may belong to a stranger by now, its start time tells.
type record struct {
	Run             string
	Lab             int
	Supervisor      int
	SupervisorStart string
	Program         int // 0: not started yet
	ProgramStart    string
	Group           group // "" for none
}

func writeRecord(s spec, p started) error {
	r := record{Run: s.Run, Lab: s.Lab, Supervisor: os.Getpid(), SupervisorStart: startOf(os.Getpid()), Program: p.pid, Group: p.group}
	if p.pid != 0 {
		r.ProgramStart = startOf(p.pid)
	}
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("record of the run: %w", err)
	}
	// As a whole or not at all: whoever is killed here leaves a record that can be read.
	file, err := os.CreateTemp(filepath.Dir(s.Record), ownedName(unwritten))
	if err != nil {
		return fmt.Errorf("record of the run: %w", err)
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), s.Record)
	}
	if err != nil {
		return fmt.Errorf("record of the run: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}

// unwritten begins the name of a record that is being written.
const unwritten = "record"

// sweep kills what runs are left of that lost their supervisor: it was killed itself, or the machine ran out of memory.
func sweep(dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.json")) // the pattern is good
	for _, file := range files {
		if at, err := os.Lstat(file); err != nil || !isAsWritten(at) {
			os.Remove(file) // nothing is killed on the word of another
			continue
		}
		data, err := os.ReadFile(file)
		var r record
		if err != nil || json.Unmarshal(data, &r) != nil {
			os.Remove(file) // it was removed by its supervisor just now, or is none of ours
			continue
		}
		if r.SupervisorStart == "" || startOf(r.Supervisor) == r.SupervisorStart {
			continue // alive: it looks after its own
		}
		if filepath.Base(string(r.Group)) == groupName(r.Run) {
			r.Group.remove()
		}
		if r.Program > 1 && startOf(r.Program) == r.ProgramStart && r.ProgramStart != "" {
			_ = syscall.Kill(-r.Program, syscall.SIGKILL) // gone is as good, here and below
		}
		for range 100 { // a forking program may be ahead of us for a while
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

// Scratch makes a private folder for files that are needed for a moment. When this process is killed before it
// removes the folder, the next lab's sweep does.
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
