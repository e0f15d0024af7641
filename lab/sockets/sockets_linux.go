package sockets

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// In iterates over all sockets in a table of a process: "tcp", "tcp6", "udp", "udp6" of /proc/PID/net
// (proc_pid_net(5)). An error comes last. A missing table, as without IPv6, counts as empty.
func In(pid int, table string) iter.Seq2[Socket, error] {
	return func(yield func(Socket, error) bool) {
		path := filepath.Join("/proc", strconv.Itoa(pid), "net", table)
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(Socket{}, err)
			return
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			f := strings.Fields(lines.Text()) // sl local_address rem_address st … uid timeout inode
			if len(f) < 10 || f[0] == "sl" {
				continue
			}
			s, err := parse(f[1], f[2], f[3], f[7], f[9])
			if err != nil {
				yield(Socket{}, fmt.Errorf("%s: %w", path, err))
				return
			}
			if !yield(s, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Socket{}, err)
		}
	}
}

func parse(local, remote, state, uid, inode string) (s Socket, err error) {
	if s.Local, err = parseAddress(local); err != nil {
		return s, err
	}
	if s.Remote, err = parseAddress(remote); err != nil {
		return s, err
	}
	st, err := strconv.ParseUint(state, 16, 8)
	if err != nil {
		return s, fmt.Errorf("%q is not a state", state)
	}
	if s.UID, err = strconv.Atoi(uid); err != nil {
		return s, fmt.Errorf("%q is not a user", uid)
	}
	if s.Inode, err = strconv.ParseUint(inode, 10, 64); err != nil {
		return s, fmt.Errorf("%q is not an inode", inode)
	}
	s.State = State(st)
	return s, nil
}

// parseAddress reads "0100007F:1F90", which is 127.0.0.1:8080: the address in 32-bit words of this machine's byte order
// (little-endian on all machines that run the book), the port as a number.
func parseAddress(text string) (netip.AddrPort, error) {
	address, port, _ := strings.Cut(text, ":")
	bytes, err := hex.DecodeString(address)
	if err != nil || len(bytes)%4 != 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is not an address", text)
	}
	for word := range slices.Chunk(bytes, 4) {
		slices.Reverse(word)
	}
	ip, ok := netip.AddrFromSlice(bytes)
	number, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q is not an address", text)
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(number)), nil
}

// Find returns the TCP socket over IPv4 that has these addresses; false without one, or if the system does not
// tell. It asks the kernel for this one socket (sock_diag(7)), which takes some microseconds however many there are.
// If the kernel was built without sock_diag, or does not allow it, Find reads its tables.
func Find(local, remote netip.AddrPort) (Socket, bool) {
	if s, err := diagnose(local, remote); err == nil {
		return s, true
	}
	for _, table := range []string{"tcp", "tcp6"} { // the second has IPv6 sockets that talk to IPv4
		for s, err := range In(os.Getpid(), table) {
			if err == nil && s.Local == local && s.Remote == remote {
				return s, true
			}
		}
	}
	return Socket{}, false
}

// The lengths of struct nlmsghdr, inet_diag_req_v2 and inet_diag_msg.
const lenHeader, lenRequest, lenAnswer = unix.SizeofNlMsghdr, 56, 72

func diagnose(local, remote netip.AddrPort) (s Socket, err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return s, os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	if err := unix.Sendto(fd, request(local, remote), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return s, os.NewSyscallError("sendto", err)
	}
	room := make([]byte, 4096)
	n, _, err := unix.Recvfrom(fd, room, 0)
	if err != nil {
		return s, os.NewSyscallError("recvfrom", err)
	}
	return answered(room[:n], local, remote)
}

// request asks for the one socket with these addresses, in any state.
func request(local, remote netip.AddrPort) []byte {
	native, network := binary.NativeEndian, binary.BigEndian
	m := make([]byte, 0, lenHeader+lenRequest)
	m = native.AppendUint32(m, lenHeader+lenRequest)
	m = native.AppendUint16(m, unix.SOCK_DIAG_BY_FAMILY)
	m = native.AppendUint16(m, unix.NLM_F_REQUEST)
	m = append(m, make([]byte, 8)...) // sequence number and sender, unused for a single question
	m = append(m, unix.AF_INET, unix.IPPROTO_TCP, 0, 0)
	m = native.AppendUint32(m, ^uint32(0)) // states
	m = network.AppendUint16(m, local.Port())
	m = network.AppendUint16(m, remote.Port())
	for _, ip := range []netip.Addr{local.Addr(), remote.Addr()} {
		four := ip.Unmap().As4()
		m = append(append(m, four[:]...), make([]byte, 12)...)
	}
	m = native.AppendUint32(m, 0)             // any interface
	return native.AppendUint64(m, ^uint64(0)) // INET_DIAG_NOCOOKIE
}

func answered(m []byte, local, remote netip.AddrPort) (s Socket, err error) {
	native := binary.NativeEndian
	switch {
	case len(m) >= lenHeader+4 && native.Uint16(m[4:]) == unix.NLMSG_ERROR:
		return s, os.NewSyscallError("sock_diag", unix.Errno(-int32(native.Uint32(m[lenHeader:]))))
	case len(m) < lenHeader+lenAnswer || native.Uint16(m[4:]) != unix.SOCK_DIAG_BY_FAMILY:
		return s, fmt.Errorf("sock_diag: malformed answer of %d bytes", len(m))
	}
	a := m[lenHeader:]
	return Socket{
		Local: local, Remote: remote, State: State(a[1]),
		UID: int(native.Uint32(a[64:])), Inode: uint64(native.Uint32(a[68:])),
	}, nil
}
