package process

import (
	"fmt"
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
	table, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "net", "tcp"))
	if err != nil {
		return nil
	}
	found := map[string]int{}
	local := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(string(table)) {
		if !strings.Contains(line, local) { // there may be thousands of others
			continue
		}
		f := strings.Fields(line)                                           // sl local_address rem_address st … uid timeout inode
		if len(f) < 10 || f[3] != "01" || !strings.HasSuffix(f[1], local) { // 01 is TCP_ESTABLISHED
			continue
		}
		_, hex, _ := strings.Cut(f[2], ":")         // "0100007F:1F90" is port 8080 of 127.0.0.1
		remote, _ := strconv.ParseUint(hex, 16, 16) // the kernel writes numbers
		found["socket:["+f[9]+"]"] = int(remote)
	}
	return found
}
