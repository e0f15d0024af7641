package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	prSetChildSubreaper = 36  // PR_SET_CHILD_SUBREAPER
	clockTicks          = 100 // a second: USER_HZ, the same on all architectures that Go runs on
)

// adoptOrphans makes this process the parent of all descendants whose parent dies, whatever group or session they
// moved to. Where the kernel is too old for it, killing the group must do.
func adoptOrphans() {
	syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0)
}

// programAttr gives the program a group of its own and has the kernel kill it when the supervisor is killed.
func programAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func maxRSSKB(u syscall.Rusage) int64 { return u.Maxrss }

// reapOrphans kills and reaps all descendants, and says what processor time they had used: the workers of a server are
// among them. Each that dies hands its children to us, so this ends when there are none.
func reapOrphans() (cpu time.Duration) {
	for {
		for _, pid := range descendants(processes(), os.Getpid()) {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have gone, which is as good
		}
		for {
			var usage syscall.Rusage
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, &usage)
			if err == syscall.ECHILD {
				return cpu
			}
			if pid > 0 {
				cpu += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
			}
			if pid <= 0 && err != syscall.EINTR {
				break
			}
		}
		time.Sleep(time.Millisecond) // killed processes need a moment to die; there is no event for "any of these"
	}
}

// family counts all processes that came of the program, and their resident memory: all below the supervisor, since what has
// lost its parent, a daemon in a session of its own, was handed to us.
func family(int) (count int, rssKB int64) {
	all := processes()
	for _, id := range descendants(all, os.Getpid()) {
		count++
		rssKB += all[id].rssKB
	}
	return count, rssKB
}

// info is what the sweep and the watch need to know about a process.
type info struct {
	zombie  bool
	parent  int
	start   string // clock ticks since boot
	threads int
	rssKB   int64
	cpu     time.Duration
}

// processes reads all processes of the system.
func processes() map[int]info {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	all := make(map[int]info, len(dirs))
	for _, dir := range dirs {
		if pid, err := strconv.Atoi(dir.Name()); err == nil {
			if p, ok := readProcess(pid); ok {
				all[pid] = p
			}
		}
	}
	return all
}

// readProcess reads /proc/PID/stat, see proc(5).
func readProcess(pid int) (p info, ok bool) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return info{}, false
	}
	// The second field is the name in parentheses, which may hold anything: count from behind it.
	f := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(f) < 22 {
		return info{}, false
	}
	number := func(i int) int64 { // by the number of the field in the manual page, from 3
		n, _ := strconv.ParseInt(string(f[i-3]), 10, 64) // the kernel writes numbers
		return n
	}
	return info{
		zombie: string(f[0]) == "Z", parent: int(number(4)), start: string(f[22-3]), threads: int(number(20)),
		rssKB: number(24) * int64(os.Getpagesize()) >> 10,
		cpu:   time.Duration(number(14)+number(15)) * time.Second / clockTicks,
	}, true
}

// descendants are all below the process, itself left out.
func descendants(all map[int]info, root int) []int {
	children := map[int][]int{}
	for pid, p := range all {
		children[p.parent] = append(children[p.parent], pid)
	}
	var found []int
	for next := children[root]; len(next) > 0; {
		pid := next[len(next)-1]
		found = append(found, pid)
		next = append(next[:len(next)-1], children[pid]...)
	}
	return found
}

// sample adds up what the program uses, its children, and theirs: a server may be several processes.
func sample(pid int) (threads int, rssKB int64, cpu time.Duration) {
	for _, id := range kin(pid) {
		p, _ := readProcess(id) // one that has gone uses nothing
		threads, rssKB, cpu = threads+p.threads, rssKB+anonymousKB(id), cpu+p.cpu
	}
	return threads, rssKB, cpu
}

// kin is the process, its children, and theirs.
func kin(pid int) []int {
	all := []int{pid}
	for _, id := range children(pid) {
		all = append(all, kin(id)...)
	}
	return all
}

// children are those that the process's first thread has started, see proc_pid_task(5). Kernels may be built without it.
func children(pid int) (pids []int) {
	id := strconv.Itoa(pid)
	data, err := os.ReadFile(filepath.Join("/proc", id, "task", id, "children"))
	if err != nil {
		return nil
	}
	for _, field := range bytes.Fields(data) {
		if child, err := strconv.Atoi(string(field)); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}

// anonymousKB is the resident memory that is the process's own: what it allocated, and its stacks. The pages that it
// shares with files are left out, because the trace is one of them. See RssAnon in proc_pid_status(5).
func anonymousKB(pid int) int64 {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(data, []byte("\nRssAnon:"))
	n, _ := strconv.ParseInt(string(bytes.Fields(append(rest, '0'))[0]), 10, 64) // the kernel writes numbers, of kB
	return n
}

// startOf is when the process started, in a form that only compares. It is "" for one that has ended, reaped or not.
func startOf(pid int) string {
	p, _ := readProcess(pid)
	if p.zombie {
		return ""
	}
	return p.start
}

// ofRun finds the processes that have the run's name in their environment.
func ofRun(run string) []int {
	var found []int
	for pid := range processes() {
		environ, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
		if err != nil {
			continue // gone, or another user's
		}
		if bytes.Contains(append([]byte{0}, environ...), []byte("\x00"+runEnv+"="+run+"\x00")) {
			found = append(found, pid)
		}
	}
	return found
}
