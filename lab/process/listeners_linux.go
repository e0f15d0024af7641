package process

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// checkListeners compares what a program says of its address with what it has: a line of output is soon written. It must hold
// a socket of that port, and none of its listeners may be reached from another machine. All processes below the supervisor are
// the program. It is content where /proc does not tell.
func checkListeners(supervisor int, claimed netip.AddrPort) error {
	below := descendants(processes(), supervisor)
	if len(below) == 0 {
		return nil // it has ended, which is told elsewhere
	}
	names := map[string]bool{} // of the sockets, among the descriptors of their owners
	for _, pid := range below {
		for _, name := range descriptors(pid) {
			names[name] = true
		}
	}
	var held []netip.AddrPort
	for table, state := range map[string]string{"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"} { // TCP_LISTEN; UDP has no states
		lines, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(supervisor), "net", table))
		if err != nil {
			continue // without IPv6 there is no such table
		}
		for line := range strings.Lines(string(lines)) {
			f := strings.Fields(line) // sl local_address rem_address st … uid timeout inode
			if len(f) < 10 || f[3] != state || !names["socket:["+f[9]+"]"] {
				continue
			}
			at, err := parseProcAddress(f[1])
			if err != nil {
				return fmt.Errorf("/proc/net/%s: %w", table, err)
			}
			if !at.Addr().Unmap().IsLoopback() && strings.HasPrefix(table, "tcp") {
				return fmt.Errorf("it listens on %s, which other machines can reach", at)
			}
			held = append(held, at)
		}
	}
	if !slices.ContainsFunc(held, func(at netip.AddrPort) bool { return at.Port() == claimed.Port() }) {
		return fmt.Errorf("it said that it listens on %s, and has no socket there", claimed)
	}
	return nil
}

// parseProcAddress reads "0100007F:1F90", which is 127.0.0.1:8080: the address in 32-bit words of this machine's byte order
// (little-endian on all that Go's Linux ports of today run the book on), the port as a number.
func parseProcAddress(text string) (netip.AddrPort, error) {
	address, port, _ := strings.Cut(text, ":")
	bytes, err := hex.DecodeString(address)
	if err != nil || len(bytes)%4 != 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is no address", text)
	}
	for word := range slices.Chunk(bytes, 4) {
		slices.Reverse(word)
	}
	ip, ok := netip.AddrFromSlice(bytes)
	number, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q is no address", text)
	}
	return netip.AddrPortFrom(ip, uint16(number)), nil
}
