package process

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"era/lab/sockets"
)

// checkListeners compares the address that a program printed with its sockets, as any program can print a line. The
// program must have a socket on that port, and none of its listeners may be reachable from another machine. All
// processes below the supervisor belong to the program. Where /proc does not help, it returns nil.
func checkListeners(supervisor int, claimed netip.AddrPort) error {
	below := descendants(processes(), supervisor)
	if len(below) == 0 {
		return nil // it has ended, which is reported elsewhere
	}
	names := map[string]bool{} // of the sockets, among the descriptors of their owners
	for _, pid := range below {
		for _, name := range descriptors(pid) {
			names[name] = true
		}
	}
	var held []netip.AddrPort
	for table, state := range map[string]sockets.State{
		"tcp": sockets.Listening, "tcp6": sockets.Listening, "udp": sockets.Unconnected, "udp6": sockets.Unconnected,
	} {
		for s, err := range sockets.In(supervisor, table) {
			switch {
			case err != nil:
				return err
			case s.State != state || !names[s.Name()]:
			case !s.Local.Addr().IsLoopback() && strings.HasPrefix(table, "tcp"):
				return fmt.Errorf("it listens on %s, which other machines can reach", s.Local)
			default:
				held = append(held, s.Local)
			}
		}
	}
	if !slices.ContainsFunc(held, func(at netip.AddrPort) bool { return at.Port() == claimed.Port() }) {
		return fmt.Errorf("it said that it listens on %s, but has no socket there", claimed)
	}
	return nil
}
