package process

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// group is the folder of a run's own cgroup (version 2, see cgroups(7)), or "" where none can be had. A process can leave its
// parents, its session and its environment behind, but not its cgroup, and the kernel kills all that is in one at once, what
// is being forked as well. Nothing else is asked of it: pids.max counts threads, of which servers have thousands, where our
// limit counts processes, and memory.max counts files, such as the trace. Both would change what a server can do.
type group string

// groupOf names the cgroup for a run, below the one of this process. It is "" as well where that one hands controllers down:
// each run would then have a share of the processors of its own, and be measured under other conditions than elsewhere.
func groupOf(run string) group {
	own := ownGroup()
	if handed, err := os.ReadFile(filepath.Join(own, "cgroup.subtree_control")); err != nil || len(bytes.TrimSpace(handed)) > 0 {
		return ""
	}
	return group(filepath.Join(own, groupName(run)))
}

func groupName(run string) string { return "era-" + run }

// haveGroup tells whether runs get a cgroup here.
func haveGroup() bool {
	g := groupOf(rand.Text())
	folder := g.open()
	if folder == nil {
		return false
	}
	folder.Close()
	g.remove()
	return true
}

// ownGroup is the folder of the cgroup that this process is in; "" where there is none. See proc_pid_cgroup(5) and
// proc_pid_mountinfo(5).
func ownGroup() string {
	cgroups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return ""
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	return findGroup(string(cgroups), string(mounts))
}

func findGroup(cgroups, mounts string) string {
	const hierarchy = "0::" // of version 2
	for line := range strings.Lines(cgroups) {
		path, is := strings.CutPrefix(strings.TrimSpace(line), hierarchy)
		if !is || strings.Contains(path, "/..") { // the latter is outside of what we may see
			continue
		}
		for mount := range strings.Lines(mounts) {
			f := strings.Fields(mount) // ID parent device root folder options … - type source options
			dash := slices.Index(f, "-")
			if dash < 6 || dash+1 >= len(f) || f[dash+1] != "cgroup2" {
				continue
			}
			if below, err := filepath.Rel(f[3], path); err == nil && filepath.IsLocal(below) {
				return filepath.Join(f[4], below)
			}
		}
	}
	return ""
}

// open makes the cgroup and opens it; nil where that is not allowed, or the kernel is too old to kill all that is in it.
func (g group) open() *os.File {
	if g == "" || os.Mkdir(string(g), 0o700) != nil {
		return nil
	}
	if _, err := os.Stat(g.killFile()); err == nil {
		if folder, err := os.Open(string(g)); err == nil {
			return folder
		}
	}
	g.remove()
	return nil
}

func (g group) killFile() string { return filepath.Join(string(g), "cgroup.kill") }

// kill kills all that is in the cgroup, if there is one.
func (g group) kill() {
	if g != "" {
		_ = os.WriteFile(g.killFile(), []byte("1"), 0) // gone is as good
	}
}

// remove kills what is in the cgroup, waits until it has died, and removes the cgroup.
func (g group) remove() {
	if g == "" {
		return
	}
	for range 1000 { // more than the kernel ever needs: what cannot die is left to the next sweep
		g.kill()
		if err := g.removeTree(); err != syscall.EBUSY && err != syscall.EINTR {
			return
		}
		time.Sleep(time.Millisecond) // cgroup.events could be polled; it takes a moment
	}
}

// removeTree removes the cgroup and those below it, in which nothing is any more: a program can make some, as a lab does.
func (g group) removeTree() error {
	below, _ := os.ReadDir(string(g)) // gone is as good
	for _, d := range below {
		if d.IsDir() {
			_ = group(filepath.Join(string(g), d.Name())).removeTree() // else the next call fails as well
		}
	}
	return syscall.Rmdir(string(g))
}

// into has the program start in the cgroup.
func into(attr *syscall.SysProcAttr, folder *os.File) {
	attr.UseCgroupFD, attr.CgroupFD = true, int(folder.Fd())
}
