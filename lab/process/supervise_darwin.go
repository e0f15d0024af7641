package process

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// adoptOrphans: macOS has no subreapers. A process that leaves the program's group is found by its parent while that
// lives.
func adoptOrphans() {}

func programAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func maxRSSKB(u syscall.Rusage) int64 { return u.Maxrss >> 10 } // bytes there

// below returns all descendants of the program that have not lost their parent.
func below() []int { return descendants(os.Getpid()) }

// bombs: the usual watch must be enough there.
type bombs struct {
	program atomic.Pointer[started]
	found   atomic.Bool
}

func watchForBombs(int) *bombs { return new(bombs) }

// group: macOS has no cgroups.
type group string

func groupOf(string) group { return "" }

func (group) killFile() string { return "" }

func groupName(string) string { return "" }

func (group) open() *os.File { return nil }

func (group) kill() {}

func (group) remove() {}

func into(*syscall.SysProcAttr, *os.File) {}

// ps prints one line for each process with the wanted columns.
func ps(columns string, more ...string) [][]string {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/bin/ps", append(more, "-o", columns)...).Output()
	if err != nil {
		return nil // no such process
	}
	var rows [][]string
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Fields(line))
	}
	return rows
}

func descendants(root int) []int {
	children := map[int][]int{}
	for _, row := range ps("pid=,ppid=", "-A") {
		if len(row) == 2 {
			pid, _ := strconv.Atoi(row[0])
			parent, _ := strconv.Atoi(row[1])
			children[parent] = append(children[parent], pid)
		}
	}
	var found []int
	for next := children[root]; len(next) > 0; {
		pid := next[len(next)-1]
		found = append(found, pid)
		next = append(next[:len(next)-1], children[pid]...)
	}
	return found
}

// capTasks sets no limit: we do not know what the kernel counts per user here.
func capTasks(int) (bind func(int), uncap func(), err error) { return func(int) {}, func() {}, nil }

func family(pid int) (ids []int, rssKB int64) {
	ids = append(descendants(pid), pid)
	for _, id := range ids {
		_, kb, _ := sample(id)
		rssKB += kb
	}
	return ids, rssKB
}

func sample(pid int) (threads int, rssKB int64, cpu time.Duration) {
	rows := ps("rss=,time=", "-M", "-p", strconv.Itoa(pid))
	if threads = len(rows) - 1; threads < 0 { // -M: a line for each thread, and always a heading
		threads = 0
	}
	for _, row := range ps("rss=,time=", "-p", strconv.Itoa(pid)) {
		if len(row) == 2 {
			rssKB, _ = strconv.ParseInt(row[0], 10, 64)
			for _, part := range strings.Split(row[1], ":") {
				seconds, _ := strconv.ParseFloat(part, 64)
				cpu = cpu*60 + time.Duration(seconds*float64(time.Second))
			}
		}
	}
	return threads, rssKB, cpu
}

func startOf(pid int) string {
	for _, row := range ps("lstart=", "-p", strconv.Itoa(pid)) {
		return strings.Join(row, " ")
	}
	return ""
}

// ofRun: the environment of other processes cannot be read there.
func ofRun(string) []int { return nil }

func haveGroup() bool { return false }
