// Package netip is what a module of the simulated kernel has instead of net/netip: IPv4, and enough of IPv6 to tell
// whether a text is an address.
package netip

import (
	"errors"
	"strconv"
	"strings"
)

// Addr is an address. The zero value is none.
type Addr struct {
	four  [4]byte
	is    byte // 4 or 6; of IPv6 nothing else is kept
	zoned bool
}

func AddrFrom4(four [4]byte) Addr  { return Addr{four: four, is: 4} }
func (a Addr) Is4() bool           { return a.is == 4 }
func (a Addr) Is6() bool           { return a.is == 6 }
func (a Addr) IsValid() bool       { return a.is != 0 }
func (a Addr) IsUnspecified() bool { return a == Addr{is: 4} }
func (a Addr) As4() [4]byte        { return a.four }

// Zone is not empty if the address had one.
func (a Addr) Zone() string {
	if a.zoned {
		return "?"
	}
	return ""
}

func (a Addr) String() string {
	if a.is != 4 {
		return "invalid IP"
	}
	var b []byte
	for i, n := range a.four {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, uint64(n), 10)
	}
	return string(b)
}

var errAddr = errors.New("unable to parse IP")

// ParseAddr reads an address.
func ParseAddr(text string) (Addr, error) {
	if !strings.Contains(text, ":") {
		return parse4(text)
	}
	text, zone, zoned := strings.Cut(text, "%")
	before, after, short := strings.Cut(text, "::")
	n, ok := groups(before, !short)
	if short {
		more, fine := groups(after, true)
		n, ok = n+more, ok && fine && n+more < 8
	} else {
		ok = ok && n == 8
	}
	if !ok || zoned && zone == "" {
		return Addr{}, errAddr
	}
	return Addr{is: 6, zoned: zoned}, nil
}

// groups counts the groups of 16 bits. The last may be an IPv4 address, which is two.
func groups(text string, last bool) (n int, ok bool) {
	if text == "" {
		return 0, true
	}
	all := strings.Split(text, ":")
	for i, g := range all {
		if i == len(all)-1 && last && strings.Contains(g, ".") {
			_, err := parse4(g)
			return n + 2, err == nil
		}
		if _, err := strconv.ParseUint(g, 16, 16); err != nil || len(g) > 4 {
			return 0, false
		}
		n++
	}
	return n, true
}

func parse4(text string) (a Addr, err error) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return Addr{}, errAddr
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || len(p) > 1 && p[0] == '0' {
			return Addr{}, errAddr
		}
		a.four[i] = byte(n)
	}
	a.is = 4
	return a, nil
}

// AddrPort is an address and a port.
type AddrPort struct {
	addr Addr
	port uint16
}

func AddrPortFrom(a Addr, port uint16) AddrPort { return AddrPort{a, port} }
func (a AddrPort) Addr() Addr                   { return a.addr }
func (a AddrPort) Port() uint16                 { return a.port }
func (a AddrPort) IsValid() bool                { return a.addr.IsValid() }

func (a AddrPort) String() string {
	if a.addr.is == 0 {
		return "invalid AddrPort"
	}
	return a.addr.String() + ":" + strconv.Itoa(int(a.port))
}

// ParseAddrPort reads an IPv4 address and a port.
func ParseAddrPort(text string) (AddrPort, error) {
	host, port, _ := strings.Cut(text, ":")
	addr, err := parse4(host)
	n, wrong := strconv.ParseUint(port, 10, 16)
	if err != nil || wrong != nil {
		return AddrPort{}, errAddr
	}
	return AddrPort{addr, uint16(n)}, nil
}

// MustParseAddrPort panics when the text is no address.
func MustParseAddrPort(text string) AddrPort {
	a, err := ParseAddrPort(text)
	if err != nil {
		panic(err)
	}
	return a
}
