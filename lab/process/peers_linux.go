package process

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"era/lab/sockets"
)

// peers are the ports of the clients whose connections to addr each process has open, by process. A process without any
// is left out. See /proc/PID/fd in proc(5), and /proc/net/tcp.
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

// descriptors are the names of what the process has open, "socket:[4711]" for one; none of one that has gone.
func descriptors(pid int) (names []string) {
	files, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "fd", "*")) // the pattern is good
	for _, file := range files {
		if name, err := os.Readlink(file); err == nil { // else it was closed meanwhile: then it is nobody's
			names = append(names, name)
		}
	}
	return names
}

// established are the connections to a local port, as the process sees the network: the client's port by the name that
// the socket has among its owner's descriptors.
func established(pid, port int) map[string]int {
	found := map[string]int{}
	for s, err := range sockets.In(pid, "tcp") {
		if err == nil && s.State == sockets.Established && int(s.Local.Port()) == port {
			found[s.Name()] = int(s.Remote.Port())
		}
	}
	return found
}

// holds tells whether one of the processes below the supervisor has the socket.
func holds(supervisor int, s sockets.Socket) bool {
	for _, pid := range descendants(processes(), supervisor) {
		if slices.Contains(descriptors(pid), s.Name()) {
			return true
		}
	}
	return false
}
