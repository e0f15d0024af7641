package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	prSetChildSubreaper = 36  // PR_SET_CHILD_SUBREAPER
	clockTicks          = 100 // a second: USER_HZ, the same on all architectures that Go runs on
)

// adoptOrphans makes this process the parent of all descendants whose parent dies, whatever group or session they moved
// to. Where the kernel is too old for it, killing the group must be enough.
func adoptOrphans() {
	syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0)
}

// programAttr gives the program a group of its own and makes the kernel kill it when the supervisor is killed.
func programAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func maxRSSKB(u syscall.Rusage) int64 { return u.Maxrss }

// below returns all descendants of the program: any that loses its parent, such as a daemon in a session of its own,
// becomes our child.
func below() []int { return descendants(processes(), os.Getpid()) }

// bombs watches for a program that starts too many processes, and kills it. The usual watch is too slow: a fork bomb
// makes thousands of processes between two checks, and among thousands of runnable processes the supervisor is not
// scheduled any more. So this watch has a thread of its own, with the highest priority it can get. It makes system
// calls of a few microseconds that Go's scheduler does not know of, and is not preempted by the scheduler (hence
// nosplit, and GODEBUG in selfCommand), which may wait for a thread that is not scheduled. The garbage collector would
// in turn wait for this thread, while its other threads spin, so it is off for the minutes that a supervisor lives
// (GOGC in selfCommand). The watch is ready before the program starts. Without a cgroup the slow checks cannot be
// avoided.
type bombs struct {
	most    int
	program atomic.Pointer[started]
	found   atomic.Bool // set before anything is killed for it
}

func watchForBombs(most int) *bombs {
	b := &bombs{most: most}
	if most > 0 {
		ready := make(chan struct{})
		go b.watch(ready)
		<-ready
	}
	return b
}

func (b *bombs) watch(ready chan<- struct{}) {
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2) // for this thread, which seems to run even while it sleeps
	runtime.LockOSThread()
	runFirst()
	close(ready)
	list := make([]byte, 8*(b.most+2)) // a number of seven digits, and the end of its line
	pause := syscall.Timespec{Nsec: 5e6}
	before := tasks()
	for last, ticks := before, 0; ; ticks++ {
		syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&pause)), 0, 0)
		// The number of tasks in the whole system shows whether it is worthwhile to look at the program.
		now := tasks()
		before = min(before, now)
		p := b.program.Load()
		if p == nil || !b.found.Load() && now-before <= b.most/2 {
			// The garbage collector waits for that, and all other threads with it.
			if ticks >= 10 && now-last < 4 || ticks >= 100 {
				ticks, before = 0, now
				runtime.Gosched()
			}
			last = now
			continue
		}
		before, last = now, now
		count := 0
		if p.members != nil {
			count = countLines(p.members, list)
		} else {
			ids, _ := family(p.pid)
			count = len(ids)
		}
		if count > b.most {
			b.found.Store(true)
		}
		if b.found.Load() && p.kill() == 0 {
			return
		}
	}
}

// countLines counts the lines of a file, up to the size of the buffer.
//
//go:nosplit
func countLines(name, buffer []byte) (count int) {
	fd, ok := rawOpen(name, syscall.O_RDONLY)
	if !ok {
		return 0
	}
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
	syscall.RawSyscall(syscall.SYS_CLOSE, fd, 0, 0)
	for i := 0; errno == 0 && i < int(n); i++ {
		if buffer[i] == '\n' {
			count++
		}
	}
	return count
}

// kill kills all descendants of the program and returns how many are not known to be dead.
//
//go:nosplit
func (p *started) kill() (alive int) {
	if p.members == nil {
		return p.killEach()
	}
	if fd, ok := rawOpen(p.killer, syscall.O_WRONLY); ok {
		one := [1]byte{'1'}
		syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(&one)), 1)
		syscall.RawSyscall(syscall.SYS_CLOSE, fd, 0, 0)
	}
	return 0
}

// killEach kills the processes one by one. It stops them first, until none runs: a stopped process starts no others,
// and keeps its place below the limit of capTasks, so that it cannot be replaced.
func (p *started) killEach() (alive int) {
	if p.pid != 0 { // at once all that are still in its group; a missing group is fine, here and below
		_ = syscall.Kill(-p.pid, syscall.SIGSTOP)
	}
	// The number of passes is limited: a process that waits in vfork for its child does not stop, and root's have no
	// such limit.
	for pass, running := 0, 1; running > 0 && pass < 20; pass++ {
		running = 0
		all := processes()
		for _, id := range descendants(all, os.Getpid()) {
			if !all[id].zombie && !all[id].stopped && syscall.Kill(id, syscall.SIGSTOP) == nil {
				running++
			}
		}
	}
	all := processes()
	for _, id := range descendants(all, os.Getpid()) {
		if !all[id].zombie {
			_ = syscall.Kill(id, syscall.SIGKILL)
			alive++
		}
	}
	return alive
}

// rawOpen opens a file whose name ends with a zero byte.
//
//go:nosplit
func rawOpen(name []byte, flags uintptr) (fd uintptr, ok bool) {
	cwd := unix.AT_FDCWD
	fd, _, errno := syscall.RawSyscall6(syscall.SYS_OPENAT, uintptr(cwd), uintptr(unsafe.Pointer(&name[0])),
		flags|syscall.O_CLOEXEC, 0, 0, 0)
	return fd, errno == 0
}

// runFirst gives this thread priority over all normal ones, if that is allowed: SCHED_FIFO, see sched(7). Otherwise it
// asks for short time slices that start soon (EEVDF's slice), which newer kernels grant to every thread. What the
// thread starts inherits neither.
func runFirst() {
	const slice = 100 * time.Microsecond
	attr := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1,
		Flags: unix.SCHED_FLAG_RESET_ON_FORK}
	if unix.SchedSetAttr(0, attr, 0) != nil {
		attr.Policy, attr.Priority, attr.Runtime = unix.SCHED_NORMAL, 0, uint64(slice.Nanoseconds())
		_ = unix.SchedSetAttr(0, attr, 0) // an older kernel: then it is a thread like any other
	}
}

// capTasks limits how many processes and threads the next program and its descendants may have in addition to those
// that this user has now: RLIMIT_NPROC, see setrlimit(2). The kernel does not apply the limit to root. uncap restores
// our own limit, as this process needs threads of its own; bind keeps the program from raising its limit again.
func capTasks(most int) (bind func(pid int), uncap func(), err error) {
	var before syscall.Rlimit
	if os.Geteuid() == 0 || most == 0 {
		return func(int) {}, func() {}, nil
	}
	if err := syscall.Getrlimit(unix.RLIMIT_NPROC, &before); err != nil {
		return nil, nil, fmt.Errorf("read the limit of processes: %w", err)
	}
	capped := min(before.Cur, uint64(tasksOf(os.Geteuid())+most))
	if err := syscall.Setrlimit(unix.RLIMIT_NPROC, &syscall.Rlimit{Cur: capped, Max: before.Max}); err != nil {
		return nil, nil, fmt.Errorf("set the limit of processes to %d: %w", capped, err)
	}
	bind = func(pid int) { // a process that has ended needs no limit
		_ = unix.Prlimit(pid, unix.RLIMIT_NPROC, &unix.Rlimit{Cur: capped, Max: capped}, nil)
	}
	return bind, func() { _ = syscall.Setrlimit(unix.RLIMIT_NPROC, &before) }, nil // lowering it back is always allowed
}

// tasksOf counts the processes and threads of a user.
func tasksOf(user int) (count int) {
	for pid, p := range processes() {
		var of syscall.Stat_t
		if syscall.Stat(filepath.Join("/proc", strconv.Itoa(pid)), &of) == nil && int(of.Uid) == user {
			count += p.threads
		}
	}
	return count
}

// tasks returns how many processes and threads the whole system has.
//
//go:nosplit
func tasks() int {
	var now syscall.Sysinfo_t
	syscall.RawSyscall(syscall.SYS_SYSINFO, uintptr(unsafe.Pointer(&now)), 0, 0) // it cannot fail
	return int(now.Procs)
}

// family returns all processes that descend from the program, and their resident memory.
func family(int) (ids []int, rssKB int64) {
	all := processes()
	ids = descendants(all, os.Getpid())
	for _, id := range ids {
		rssKB += all[id].rssKB
	}
	return ids, rssKB
}

// info is what the sweep and the watch need to know about a process.
type info struct {
	zombie  bool
	stopped bool
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
	room := make([]byte, roomForStat)
	for _, dir := range dirs {
		if pid, err := strconv.Atoi(dir.Name()); err == nil {
			if p, ok := readStat(pid, room); ok {
				all[pid] = p
			}
		}
	}
	return all
}

const roomForStat = 1024 // bytes of /proc/PID/stat: a name, and some fifty numbers

// readProcess reads the state of one process.
func readProcess(pid int) (p info, ok bool) { return readStat(pid, make([]byte, roomForStat)) }

// readStat reads /proc/PID/stat, see proc(5). Supervisors do so for all processes several times a second, so it
// allocates little.
func readStat(pid int, room []byte) (p info, ok bool) {
	fd, err := syscall.Open("/proc/"+strconv.Itoa(pid)+"/stat", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return info{}, false
	}
	n, err := syscall.Read(fd, room)
	syscall.Close(fd) // nothing was written
	if err != nil {
		return info{}, false
	}
	data := room[:n]
	// The second field is the name in parentheses, which may contain anything: count from behind it.
	var f [22][]byte
	fields := 0
	for field := range bytes.FieldsSeq(data[bytes.LastIndexByte(data, ')')+1:]) {
		if fields == len(f) {
			break
		}
		f[fields] = field
		fields++
	}
	if fields < len(f) {
		return info{}, false
	}
	number := func(i int) int64 { // by the number of the field in the manual page, from 3
		n, _ := strconv.ParseInt(string(f[i-3]), 10, 64) // the kernel writes numbers
		return n
	}
	return info{
		zombie: string(f[0]) == "Z", stopped: bytes.ContainsAny(f[0], "Tt"), parent: int(number(4)), start: string(f[22-3]),
		threads: int(number(20)),
		rssKB:   number(24) * int64(os.Getpagesize()) >> 10,
		cpu:     time.Duration(number(14)+number(15)) * time.Second / clockTicks,
	}, true
}

// descendants returns all processes below the given one, without itself.
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

// sample adds up what the program, its children and theirs use: a server may be several processes.
func sample(pid int) (threads int, rssKB int64, cpu time.Duration) {
	for _, id := range kin(pid) {
		p, _ := readProcess(id) // one that is gone uses nothing
		threads, rssKB, cpu = threads+p.threads, rssKB+anonymousKB(id), cpu+p.cpu
	}
	return threads, rssKB, cpu
}

// kin returns the process, its children, and theirs.
func kin(pid int) []int {
	all := []int{pid}
	for _, id := range children(pid) {
		all = append(all, kin(id)...)
	}
	return all
}

// children returns what the process's first thread has started, see proc_pid_task(5). Kernels may be built without it.
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

// anonymousKB returns the process's own resident memory: what it allocated, and its stacks. The pages that it shares
// with files are left out, because the trace is one of them. See RssAnon in proc_pid_status(5).
func anonymousKB(pid int) int64 {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(data, []byte("\nRssAnon:"))
	n, _ := strconv.ParseInt(string(bytes.Fields(append(rest, '0'))[0]), 10, 64) // the kernel writes numbers, of kB
	return n
}

// startOf returns when the process started, in a form that can only be compared. It is "" for a process that has ended,
// reaped or not.
func startOf(pid int) string {
	p, _ := readProcess(pid)
	if p.zombie {
		return ""
	}
	return p.start
}

// ofRun returns the processes that have the run's name in their environment.
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
