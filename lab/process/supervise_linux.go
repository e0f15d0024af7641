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

// below are all that came of the program: each that loses its parent, a daemon in a session of its own, is handed to us.
func below() []int { return descendants(processes(), os.Getpid()) }

// bombs watches for a program that starts too many processes, and kills it. The usual watch does not do: a fork bomb makes
// thousands between two of its looks, and among thousands that are ready to run, the supervisor does not get to look any more.
// So this one has a thread of its own that runs before others, as far as it may. It makes system calls that cost microseconds,
// of which Go's scheduler does not know, and is not preempted by it (hence nosplit, and GODEBUG in selfCommand): the scheduler may
// wait for a thread that is not run. The garbage collector in turn would wait for this thread, and its others turn round
// meanwhile, so there is none in the minutes that a supervisor lives (GOGC in selfCommand). It is ready before the program
// starts. Without a cgroup there is no way around the slow looks.
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
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2) // for this thread, which seems to run when it sleeps
	runtime.LockOSThread()
	runFirst()
	close(ready)
	list := make([]byte, 8*(b.most+2)) // a number of seven digits, and the end of its line
	pause := syscall.Timespec{Nsec: 5e6}
	before := tasks()
	for last, ticks := before, 0; ; ticks++ {
		syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&pause)), 0, 0)
		// How many tasks the whole system has tells when it is worthwhile to look at the program.
		now := tasks()
		before = min(before, now)
		p := b.program.Load()
		if p == nil || !b.found.Load() && now-before <= b.most/2 {
			if ticks >= 10 && now-last < 4 || ticks >= 100 { // the garbage collector waits for that, and all others with it
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

// countLines counts the lines of a file, as far as the buffer holds them.
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

// kill kills all that came of the program and says how many are not known to be killed.
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

// killEach kills them one by one. First it stops them, until none runs: what is stopped starts no others, and keeps its place
// below the limit of capTasks, so that it cannot be replaced.
func (p *started) killEach() (alive int) {
	if p.pid != 0 { // at once all that have stayed in its group; gone is as good, here and below
		_ = syscall.Kill(-p.pid, syscall.SIGSTOP)
	}
	// With an end: a process that waits in vfork for its child does not stop, and root's have no such limit.
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

// rawOpen opens a file whose name ends with a zero.
//
//go:nosplit
func rawOpen(name []byte, flags uintptr) (fd uintptr, ok bool) {
	cwd := unix.AT_FDCWD
	fd, _, errno := syscall.RawSyscall6(syscall.SYS_OPENAT, uintptr(cwd), uintptr(unsafe.Pointer(&name[0])), flags|syscall.O_CLOEXEC, 0, 0, 0)
	return fd, errno == 0
}

// runFirst puts this thread before all that are not in a hurry, if we may: SCHED_FIFO, see sched(7). Else it asks to be run soon
// for a moment at a time (EEVDF's slice), which newer kernels grant to all. What the thread starts inherits neither.
func runFirst() {
	const slice = 100 * time.Microsecond
	attr := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1, Flags: unix.SCHED_FLAG_RESET_ON_FORK}
	if unix.SchedSetAttr(0, attr, 0) != nil {
		attr.Policy, attr.Priority, attr.Runtime = unix.SCHED_NORMAL, 0, uint64(slice.Nanoseconds())
		_ = unix.SchedSetAttr(0, attr, 0) // an older kernel: then it is one among all
	}
}

// capTasks bounds how many processes and threads the next program and all that comes of it may have beside those that this user
// has now: RLIMIT_NPROC, see setrlimit(2). The kernel asks nothing of the kind of root. Our own limit is the same again when
// uncap was called, as this process needs threads of its own; bind keeps the program from raising its limit again.
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
	bind = func(pid int) { // one that has ended needs none
		_ = unix.Prlimit(pid, unix.RLIMIT_NPROC, &unix.Rlimit{Cur: capped, Max: capped}, nil)
	}
	return bind, func() { _ = syscall.Setrlimit(unix.RLIMIT_NPROC, &before) }, nil // back to what it was: always allowed
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

// tasks is how many processes and threads the whole system has.
//
//go:nosplit
func tasks() int {
	var now syscall.Sysinfo_t
	syscall.RawSyscall(syscall.SYS_SYSINFO, uintptr(unsafe.Pointer(&now)), 0, 0) // it cannot fail
	return int(now.Procs)
}

// family are all processes that came of the program, and their resident memory.
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

// readProcess tells of one process.
func readProcess(pid int) (p info, ok bool) { return readStat(pid, make([]byte, roomForStat)) }

// readStat reads /proc/PID/stat, see proc(5). Supervisors do so for all processes several times a second: it makes little garbage.
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
	// The second field is the name in parentheses, which may hold anything: count from behind it.
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
		zombie: string(f[0]) == "Z", stopped: bytes.ContainsAny(f[0], "Tt"), parent: int(number(4)), start: string(f[22-3]), threads: int(number(20)),
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
