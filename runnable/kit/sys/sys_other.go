//go:build !linux && !darwin && !wasip1

package sys

import (
	"net/netip"
	"syscall"
	"time"
)

// The names below exist so that the servers compile; see ErrNotHere.
const (
	AF_INET = iota
	SOCK_STREAM
	SOCK_DGRAM
	SHUT_WR
	SOMAXCONN
	FD_SETSIZE
)

const (
	EAGAIN       = syscall.EAGAIN
	EINPROGRESS  = syscall.EINPROGRESS
	EINTR        = syscall.EINTR
	ECONNABORTED = syscall.ECONNABORTED
	EBADF        = syscall.EBADF
	EMFILE       = syscall.EMFILE
	ENFILE       = syscall.ENFILE
	ENOBUFS      = syscall.ENOBUFS
	ENOMEM       = syscall.ENOMEM
	ENOSPC       = syscall.ENOSPC
	ENOTCONN     = syscall.ENOTCONN
)

type Addr = netip.AddrPort

type FdSet struct{}

func (*FdSet) Set(int)        {}
func (*FdSet) Clear(int)      {}
func (*FdSet) IsSet(int) bool { return false }
func (*FdSet) Zero()          {}

func Socket(domain, typ, protocol int) (int, error)                  { return -1, ErrNotHere }
func ReuseAddr(fd int) error                                         { return ErrNotHere }
func NoDelay(fd int) error                                           { return ErrNotHere }
func NoLinger(fd int) error                                          { return ErrNotHere }
func Bind(fd int, addr Addr) error                                   { return ErrNotHere }
func Listen(fd, backlog int) error                                   { return ErrNotHere }
func Getsockname(fd int) (Addr, error)                               { return Addr{}, ErrNotHere }
func Getpeername(fd int) (Addr, error)                               { return Addr{}, ErrNotHere }
func Accept(fd int) (int, error)                                     { return -1, ErrNotHere }
func Connect(fd int, addr Addr) error                                { return ErrNotHere }
func SocketError(fd int) error                                       { return ErrNotHere }
func Read(fd int, p []byte) (int, error)                             { return -1, ErrNotHere }
func Write(fd int, p []byte) (int, error)                            { return -1, ErrNotHere }
func RecvFrom(fd int, p []byte) (int, Addr, error)                   { return -1, Addr{}, ErrNotHere }
func SendTo(fd int, p []byte, to Addr) (int, error)                  { return -1, ErrNotHere }
func Shutdown(fd, how int) error                                     { return ErrNotHere }
func Close(fd int) error                                             { return ErrNotHere }
func SetNonblock(fd int, on bool) error                              { return ErrNotHere }
func Select(int, *FdSet, *FdSet, *FdSet, time.Duration) (int, error) { return -1, ErrNotHere }
func Pipe() (r, w int, err error)                                    { return -1, -1, ErrNotHere }
func Sleep(d time.Duration)                                          { time.Sleep(d) }
func Thread(f func())                                                { go f() }
func ParseAddr(text string) (Addr, error)                            { return Addr{}, ErrNotHere }
