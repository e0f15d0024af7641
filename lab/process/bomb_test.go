//go:build linux

package process

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// The bombs end by themselves: each makes this many processes at most, and none of them lives longer than this.
const (
	bombMost = 4000
	bombLife = 10 * time.Second
)

// A fork bomb is stopped at its limit, however its processes try to leave their family: it reaches a small multiple of
// the limit instead of thousands.
func TestForkBombs(t *testing.T) {
	const limit = 64
	if os.Geteuid() == 0 {
		needGroup(t) // the kernel limits an ordinary user's tasks, but not root's
	}
	for _, kind := range []string{"plain", "setsid", "orphans"} {
		t.Run(kind, func(t *testing.T) {
			counter := newCounter(t)
			argv := append(program("bomb").Argv, kind, counter.path)
			began := time.Now()
			of := spec{Argv: argv, Processes: limit, Tasks: limit + spareTasks, Wall: time.Minute}
			c, err := spawn(t.Context(), of, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			<-c.done
			t.Logf("%d processes, over after %v", counter.count(), time.Since(began))
			if want := fmt.Sprintf("more than %d processes", limit); !strings.Contains(c.exit(), want) {
				t.Errorf("exit: %q, want %q", c.exit(), want)
			}
			if made := counter.count(); made > 20*limit {
				t.Errorf("it made %d processes until it was stopped, want at most 20 times the limit of %d; it ends by itself at %d", made, limit, bombMost)
			}
			if left := ofRun(c.run); len(left) > 0 {
				t.Errorf("left: processes %v", left)
			}
		})
	}
}

// The same for an ordinary user, for whom no cgroup can be made here.
func TestForkBombsOfUsers(t *testing.T) {
	const otherUser = 65534
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user")
	}
	dir, err := os.MkdirTemp("", "bombs-*") // not below TempDir's, which other users cannot enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary, cache := filepath.Join(dir, "process.test"), filepath.Join(dir, "cache")
	program, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = errors.Join(os.Chmod(dir, 0o711), os.WriteFile(binary, program, 0o755), os.Mkdir(cache, 0o700),
			os.Chown(cache, otherUser, otherUser))
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-test.run", "^TestForkBombs$", "-test.v")
	cmd.Dir, cmd.Env = cache, []string{"XDG_CACHE_HOME=" + cache, "TMPDIR=" + cache, "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: otherUser, Gid: otherUser}}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !strings.Contains(string(out), "--- PASS: TestForkBombs/orphans") {
		t.Errorf("as another user: %v, want all kinds stopped", err)
	}
}

// Watching for bombs must cost the supervisor hardly any work, as its time is taken from the servers that are measured.
// The garbage collector once waited for the watching thread while its other threads were spinning.
func TestWatchCostsLittle(t *testing.T) {
	const enough, most = 50 * time.Millisecond, 5 // five ticks of the clock by which processor time is counted
	supervise := func(processes int) func() time.Duration {
		c, err := spawn(t.Context(), spec{Argv: program("silent").Argv, Processes: processes, RSSKB: 1 << 30}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.stop() })
		return func() time.Duration {
			p, _ := readProcess(c.supervisor.Process.Pid) // it runs until the cleanup
			return p.cpu
		}
	}
	without, with := supervise(0), supervise(64)
	await(t, "a supervisor to work for a while", func() bool { return without() >= enough })
	if a, b := without(), with(); b > most*a {
		t.Errorf("a supervisor that watches for bombs has used %v of processor time, want at most %d times the %v of one that does not", b, most, a)
	}
}

// needGroup skips a test where no cgroup can be made.
func needGroup(t *testing.T) {
	t.Helper()
	if !haveGroup() {
		t.Skip("no cgroup can be made here")
	}
}

// counter is a number in a file that processes share.
type counter struct {
	path   string
	shared []byte
}

func newCounter(t *testing.T) counter {
	t.Helper()
	c := counter{path: t.TempDir() + "/count"}
	if err := os.WriteFile(c.path, make([]byte, os.Getpagesize()), 0o600); err != nil {
		t.Fatal(err)
	}
	c.open()
	t.Cleanup(func() { syscall.Munmap(c.shared) })
	return c
}

func (c *counter) open() {
	f, err := os.OpenFile(c.path, os.O_RDWR, 0)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if c.shared, err = syscall.Mmap(int(f.Fd()), 0, os.Getpagesize(), syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_SHARED); err != nil {
		panic(err)
	}
}

func (c *counter) count() int { return int(binary.NativeEndian.Uint32(c.shared)) }

// bomb forks without end, and so does each of its children. A forked child of a Go program has one thread and no
// scheduler: it makes system calls and calls no function of the runtime.
func bomb(kind, path string) {
	c := counter{path: path}
	c.open()
	made := (*atomic.Uint32)(unsafe.Pointer(&c.shared[0]))
	ends := now() + int64(bombLife)
	for now() < ends {
		if made.Load() >= bombMost {
			nap()
			continue
		}
		if fork() != 0 {
			continue
		}
		made.Add(1)
		switch kind {
		case "setsid":
			syscall.RawSyscall(syscall.SYS_SETSID, 0, 0, 0)
		case "orphans":
			if fork() != 0 {
				syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
			}
			syscall.RawSyscall(syscall.SYS_SETSID, 0, 0, 0)
			made.Add(1)
		}
	}
	syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
}

func fork() uintptr {
	pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 {
		nap()
		return 1 // there is no room for another
	}
	return pid
}

func nap() {
	t := syscall.Timespec{Nsec: 10e6}
	syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&t)), 0, 0)
}

func now() int64 {
	var t syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&t)), 0) // CLOCK_MONOTONIC
	return t.Nano()
}
