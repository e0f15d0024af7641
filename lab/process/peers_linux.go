package process

import (
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
	for _, id := range append(children(pid), pid) {
		files, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(id), "fd", "*")) // none of one that has gone
		for _, file := range files {
			name, _ := os.Readlink(file) // closed meanwhile: then it is nobody's
			if port, is := clients[name]; is {
				held[id] = append(held[id], port)
			}
		}
	}
	return held
}

// established are the connections to a local port, as the process sees the network: the client's port by the name that
// the socket has among its owner's descriptors.
func established(pid, port int) map[string]int {
	table, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "net", "tcp"))
	if err != nil {
		return nil
	}
	found := map[string]int{}
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)                                // sl local_address rem_address st … uid timeout inode
		if len(f) < 10 || f[3] != "01" || portOf(f[1]) != port { // TCP_ESTABLISHED
			continue
		}
		found["socket:["+f[9]+"]"] = portOf(f[2])
	}
	return found
}

// portOf reads "0100007F:1F90", which is port 8080 of 127.0.0.1.
func portOf(address string) int {
	_, hex, _ := strings.Cut(address, ":")
	port, _ := strconv.ParseUint(hex, 16, 16) // the kernel writes numbers
	return int(port)
}
