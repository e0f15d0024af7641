package process

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"era/lab/sockets"
)

// peers returns the client ports of the open connections to addr, by the process that holds them. Processes without any
// are left out. See /proc/PID/fd in proc(5), and /proc/net/tcp.
func peers(pid int, addr string) map[int][]int {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil
	}
	clients := established(pid, int(to.Port()))
	held := map[int][]int{}
	for _, id := range kin(pid) {
		for _, name := range descriptors(id) {
			if port, is := clients[name]; is {
				held[id] = append(held[id], port)
			}
		}
	}
	return held
}

// descriptors returns the names of a process's open files, such as "socket:[4711]"; none if the process is gone.
func descriptors(pid int) (names []string) {
	files, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "fd", "*")) // the pattern is valid
	for _, file := range files {
		if name, err := os.Readlink(file); err == nil { // otherwise it has just been closed
			names = append(names, name)
		}
	}
	return names
}

// established returns the connections to a local port, as the process sees the network: the client's port by the name
// of the socket among the descriptors of its owner.
func established(pid, port int) map[string]int {
	found := map[string]int{}
	for s, err := range sockets.In(pid, "tcp") {
		if err == nil && s.State == sockets.Established && int(s.Local.Port()) == port {
			found[s.Name()] = int(s.Remote.Port())
		}
	}
	return found
}

// holds reports whether one of the processes below the supervisor has the socket.
func holds(supervisor int, s sockets.Socket) bool {
	for _, pid := range descendants(processes(), supervisor) {
		if slices.Contains(descriptors(pid), s.Name()) {
			return true
		}
	}
	return false
}
