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

// group is the folder of a run's own cgroup (version 2, see cgroups(7)), or "" where none can be made. A process can
// leave its parents, its session and its environment behind, but not its cgroup, and the kernel kills everything in one
// at once, including processes that are just being forked. Limits of the cgroup are not used: pids.max counts threads,
// of which servers have thousands, where our limit counts processes, and memory.max counts files, such as the trace.
// Both would change what a server can do.
type group string

// groupOf names the cgroup for a run, below the one of this process. It also returns "" where that one delegates
// controllers: each run would then have a processor share of its own, and be measured under other conditions than
// elsewhere.
func groupOf(run string) group {
	own := ownGroup()
	if handed, err := os.ReadFile(filepath.Join(own, "cgroup.subtree_control")); err != nil ||
		len(bytes.TrimSpace(handed)) > 0 {
		return ""
	}
	return group(filepath.Join(own, groupName(run)))
}

func groupName(run string) string { return "era-" + run }

// haveGroup reports whether runs get a cgroup here.
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

// ownGroup returns the folder of the cgroup that this process is in, or "". See proc_pid_cgroup(5) and
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
		if !is || strings.Contains(path, "/..") { // a path outside of what we may see
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

// open makes the cgroup and opens it. It returns nil where that is not allowed, or where the kernel is too old for
// cgroup.kill.
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

// kill kills everything in the cgroup, if there is one.
func (g group) kill() {
	if g != "" {
		_ = os.WriteFile(g.killFile(), []byte("1"), 0) // a cgroup that is gone is fine
	}
}

// remove kills what is in the cgroup, waits until it has died, and removes the cgroup.
func (g group) remove() {
	if g == "" {
		return
	}
	for range 1000 { // more than the kernel ever needs: a process that cannot die is left to the next sweep
		g.kill()
		if err := g.removeTree(); err != syscall.EBUSY && err != syscall.EINTR {
			return
		}
		time.Sleep(time.Millisecond) // cgroup.events could be polled, but this takes only a moment
	}
}

// removeTree removes the cgroup and the empty ones below it: a program can make some, as a lab does.
func (g group) removeTree() error {
	below, _ := os.ReadDir(string(g)) // a cgroup that is gone is fine
	for _, d := range below {
		if d.IsDir() {
			_ = group(filepath.Join(string(g), d.Name())).removeTree() // a failure makes the next call fail as well
		}
	}
	return syscall.Rmdir(string(g))
}

// into makes the program start in the cgroup.
func into(attr *syscall.SysProcAttr, folder *os.File) {
	attr.UseCgroupFD, attr.CgroupFD = true, int(folder.Fd())
}
