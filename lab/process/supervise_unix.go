//go:build linux || darwin

package process

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// The descriptors that a supervisor is started with, besides standard input, from which it reads its commands.
const (
	reportFD = 3
	stdoutFD = 4
	stderrFD = 5
	leaseFD  = 6 // nothing is written to it: its end tells the keeper that we are gone
)

// supervisorCommand returns this executable as a supervisor in a process group of its own, so that Ctrl-C in the
// terminal does not reach it: the end of its standard input does.
func supervisorCommand() (*exec.Cmd, error) {
	cmd, err := selfCommand("supervise", superviseEnv+"=1")
	if err != nil {
		return nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd, nil
}

func ownExecutable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil // still works when `go run` or a new build removes the file
	}
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the own executable: %w", err)
	}
	return path, nil
}

// resume continues a stopped process.
func resume(p *os.Process) { _ = p.Signal(syscall.SIGCONT) }

// supervise is the whole life of a supervisor. It returns the exit status.
func supervise() int {
	// PR_SET_PDEATHSIG reacts to the end of the thread that started the program, so that thread must live as long as
	// this.
	runtime.LockOSThread()
	// Signals that are caught go back to their default in the program; ignored ones would stay ignored there.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
		syscall.SIGPIPE)
	reports := json.NewEncoder(os.NewFile(reportFD, "reports"))
	for fd := reportFD; fd <= leaseFD; fd++ {
		syscall.CloseOnExec(fd)
	}
	commands := bufio.NewReader(os.Stdin)
	var s spec
	if line, err := commands.ReadBytes('\n'); err != nil || json.Unmarshal(line, &s) != nil {
		return 1 // the lab is gone, or the environment was set by something else
	}
	adoptOrphans()
	defer os.Remove(s.Record)
	defer os.RemoveAll(s.Scratch) // "" removes nothing
	exceeded := make(chan string, 1)
	guard := watchForBombs(s.Processes)
	at := time.Now()
	program, err := start(s, guard)
	if err != nil {
		tell(reports, report{Error: err.Error()})
		return 1
	}
	pid := program.pid
	tell(reports, report{PID: pid, At: at.UnixNano()})
	if err := writeRecord(s, program); err != nil {
		killAll(program)
		tell(reports, report{Error: err.Error()})
		return 1
	}

	stop, terminate := make(chan struct{}), make(chan struct{}, 1)
	go func() {
		defer close(stop) // the end of the pipe, for whatever reason, is the command to kill everything
		for {
			if _, err := commands.ReadBytes('\n'); err != nil {
				return
			}
			terminate <- struct{}{}
		}
	}()
	ended := make(chan struct{})
	go func() {
		awaitEnd(pid)
		close(ended)
	}()
	end := report{Ended: true}
	go watch(program, s, exceeded)
	for over := false; !over; {
		over = true
		select {
		case <-ended:
			end.At = time.Now().UnixNano()
		case <-stop:
			end.Stopped = true
		case end.Why = <-exceeded:
		case <-terminate:
			_ = syscall.Kill(pid, syscall.SIGTERM) // it has not been reaped, so the number is still its own
			over = false
		}
	}
	if guard.found.Load() {
		end.At, end.Why = 0, s.tooMany()
	}
	end.Code, end.Signal, end.Usage = killAll(program)
	if end.Signal != 0 && end.Why == "" && !end.Stopped && s.CPU > 0 && end.Usage.CPU >= time.Duration(s.CPU)*time.Second {
		end.Why = fmt.Sprintf("it used more than %d s of CPU time", s.CPU)
	}
	tell(reports, end)
	return 0
}

// tell reports to the lab. If the lab is gone, the report is lost, and the end of the pipe has told us.
func tell(to *json.Encoder, r report) { _ = to.Encode(r) }

// started is a program that was started.
type started struct {
	pid   int   // 0 while it is being started
	group group // "" where it has none

	members, killer []byte // the names of the group's files, as the kernel takes them; nil where it has none
}

func (g group) started(pid int) *started {
	p := &started{pid: pid, group: g}
	if g != "" {
		p.members, p.killer = []byte(string(g)+"/cgroup.procs\x00"), []byte(g.killFile()+"\x00")
	}
	return p
}

// start starts the program with its limits, after writing a record of it for the sweep.
func start(s spec, guard *bombs) (p started, err error) {
	p.group = groupOf(s.Run)
	if err := writeRecord(s, p); err != nil {
		return p, err
	}
	if err := limit(s); err != nil {
		return p, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return p, fmt.Errorf("start: %w", err)
	}
	defer null.Close()
	attr := &syscall.ProcAttr{
		Dir: s.Dir, Env: append(s.Env, runEnv+"="+s.Run),
		Files: []uintptr{null.Fd(), stdoutFD, stderrFD},
		Sys:   programAttr(),
	}
	bind, uncap, err := capTasks(s.Tasks)
	if err != nil {
		return p, err
	}
	defer uncap()
	if folder := p.group.open(); folder != nil {
		guard.program.Store(p.group.started(0))
		into(attr.Sys, folder)
		p.pid, err = syscall.ForkExec(s.Argv[0], s.Argv, attr)
		folder.Close()
	}
	// there is no cgroup, or a sandbox around us forbids to start something in one, or the program is broken
	if p.pid == 0 {
		p.group.remove()
		p.group, attr.Sys = "", programAttr()
		guard.program.Store(p.group.started(0))
		p.pid, err = syscall.ForkExec(s.Argv[0], s.Argv, attr)
	}
	if err != nil {
		return p, fmt.Errorf("start %s: %w", s.Argv[0], err)
	}
	bind(p.pid)
	guard.program.Store(p.group.started(p.pid))
	// Only the program may hold its output open, otherwise the end of the output would never be seen.
	syscall.Close(stdoutFD)
	syscall.Close(stderrFD)
	return p, nil
}

// limit sets the limits of the supervisor itself, which the program inherits. RLIMIT_AS is not set: Go reserves address
// space that it never uses, so memory is watched instead.
func limit(s spec) error {
	limits := []struct {
		resource int
		value    uint64
		set      bool
	}{
		{syscall.RLIMIT_NOFILE, uint64(s.NoFile), s.NoFile > 0},
		{syscall.RLIMIT_CPU, uint64(s.CPU), s.CPU > 0},
		{syscall.RLIMIT_FSIZE, uint64(s.FileSize), s.FileSize > 0},
		{syscall.RLIMIT_CORE, 0, true},
	}
	for _, l := range limits {
		if !l.set {
			continue
		}
		var now syscall.Rlimit
		if err := syscall.Getrlimit(l.resource, &now); err != nil {
			return fmt.Errorf("read limit %d: %w", l.resource, err)
		}
		value := min(l.value, now.Max)
		if err := syscall.Setrlimit(l.resource, &syscall.Rlimit{Cur: value, Max: value}); err != nil {
			return fmt.Errorf("set limit %d to %d: %w", l.resource, value, err)
		}
	}
	if s.Nice > 0 {
		if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, s.Nice); err != nil {
			return fmt.Errorf("lower the priority: %w", err)
		}
	}
	return nil
}

// awaitEnd waits until the program has ended and does not reap it, so that its number and its group stay its own.
func awaitEnd(pid int) {
	const pPID, wNoWait = 1, 0x01000000
	wait := uintptr(syscall.WEXITED | wNoWait)
	if runtime.GOOS == "darwin" {
		wait = 0x4 | 0x20 // WEXITED, WNOWAIT
	}
	var info [16]uint64 // siginfo_t is 128 bytes
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, pPID, uintptr(pid), uintptr(unsafe.Pointer(&info)), wait, 0, 0)
		if errno != syscall.EINTR {
			return
		}
	}
}

// killAll kills and reaps the program and all its descendants, until nothing is left, and returns what processor time
// they used: the workers of a server are among them. The children of each that dies become ours, so this ends when
// there are none.
func killAll(p started) (code int, signal syscall.Signal, used Usage) {
	var status syscall.WaitStatus
	for alive := true; ; {
		p.group.kill()
		if alive { // once the leader is reaped, the number of its group may belong to a stranger
			_ = syscall.Kill(-p.pid, syscall.SIGKILL) // ESRCH, when it has just ended, is fine, here and below
		}
		for _, id := range below() {
			_ = syscall.Kill(id, syscall.SIGKILL)
		}
		for {
			var of syscall.WaitStatus
			var usage syscall.Rusage
			id, err := syscall.Wait4(-1, &of, syscall.WNOHANG, &usage)
			if err == syscall.ECHILD {
				p.group.remove()
				if status.Signaled() {
					return 0, status.Signal(), used
				}
				return status.ExitStatus(), 0, used
			}
			if id == p.pid {
				alive, status, used.MaxRSSKB = false, of, maxRSSKB(usage)
			}
			if id > 0 {
				used.CPU += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
			} else if err != syscall.EINTR {
				break
			}
		}
		time.Sleep(time.Millisecond) // killed processes need a moment to die; there is no event for "any of these"
	}
}

// watch reports the first limit that the program exceeds and that the kernel does not watch for us, and adds the
// program's descendants to the record.
func watch(p started, s spec, exceeded chan<- string) {
	if s.Wall == 0 && s.RSSKB == 0 && s.Processes == 0 {
		return
	}
	begin, noted := time.Now(), map[int]string{}
	for range time.Tick(200 * time.Millisecond) {
		ids, rssKB := family(p.pid)
		switch {
		case s.Wall > 0 && time.Since(begin) > s.Wall:
			exceeded <- fmt.Sprintf("it ran longer than %v", s.Wall)
		case s.RSSKB > 0 && rssKB > s.RSSKB:
			exceeded <- fmt.Sprintf("it used more than %d MiB of memory", s.RSSKB>>10)
		case s.Processes > 0 && len(ids) > s.Processes:
			exceeded <- s.tooMany()
		default:
			note(s.Record, ids, noted)
			continue
		}
		return
	}
}

func (s spec) tooMany() string { return fmt.Sprintf("it started more than %d processes", s.Processes) }

// descriptorLimit returns how many descriptors a process may have open, and how far it may raise that number.
func descriptorLimit() (soft, hard uint64, err error) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, 0, fmt.Errorf("read the limit of descriptors: %w", err)
	}
	return l.Cur, l.Max, nil
}
