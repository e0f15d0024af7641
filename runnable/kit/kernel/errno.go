package kernel

// Errno is an error number of Linux (errno(3)).
type Errno int

// Error numbers, as on Linux for x86 and ARM.
const (
	EINTR        Errno = 4
	EBADF        Errno = 9
	EAGAIN       Errno = 11
	ENOMEM       Errno = 12
	EEXIST       Errno = 17
	ENOENT       Errno = 2
	EPERM        Errno = 1
	EINVAL       Errno = 22
	ENFILE       Errno = 23
	EMFILE       Errno = 24
	ENOSPC       Errno = 28
	EPIPE        Errno = 32
	ENOTSOCK     Errno = 88
	EDESTADDRREQ Errno = 89
	EMSGSIZE     Errno = 90
	EOPNOTSUPP   Errno = 95
	EADDRINUSE   Errno = 98
	ECONNABORTED Errno = 103
	ECONNRESET   Errno = 104
	ENOBUFS      Errno = 105
	EISCONN      Errno = 106
	ENOTCONN     Errno = 107
	ECONNREFUSED Errno = 111
	EALREADY     Errno = 114
	EINPROGRESS  Errno = 115
)

var names = map[Errno][2]string{
	EINTR:        {"EINTR", "interrupted system call"},
	EBADF:        {"EBADF", "bad file descriptor"},
	EAGAIN:       {"EAGAIN", "resource temporarily unavailable"},
	ENOMEM:       {"ENOMEM", "cannot allocate memory"},
	EEXIST:       {"EEXIST", "file exists"},
	ENOENT:       {"ENOENT", "no such file or directory"},
	EPERM:        {"EPERM", "operation not permitted"},
	EINVAL:       {"EINVAL", "invalid argument"},
	ENFILE:       {"ENFILE", "too many open files in system"},
	EMFILE:       {"EMFILE", "too many open files"},
	ENOSPC:       {"ENOSPC", "no space left on device"},
	EPIPE:        {"EPIPE", "broken pipe"},
	ENOTSOCK:     {"ENOTSOCK", "socket operation on non-socket"},
	EDESTADDRREQ: {"EDESTADDRREQ", "destination address required"},
	EMSGSIZE:     {"EMSGSIZE", "message too long"},
	EOPNOTSUPP:   {"EOPNOTSUPP", "operation not supported"},
	EADDRINUSE:   {"EADDRINUSE", "address already in use"},
	ECONNABORTED: {"ECONNABORTED", "software caused connection abort"},
	ECONNRESET:   {"ECONNRESET", "connection reset by peer"},
	ENOBUFS:      {"ENOBUFS", "no buffer space available"},
	EISCONN:      {"EISCONN", "transport endpoint is already connected"},
	ENOTCONN:     {"ENOTCONN", "transport endpoint is not connected"},
	ECONNREFUSED: {"ECONNREFUSED", "connection refused"},
	EALREADY:     {"EALREADY", "operation already in progress"},
	EINPROGRESS:  {"EINPROGRESS", "operation now in progress"},
}

// Error is the text of perror(3), in lower case as Go's.
func (e Errno) Error() string { return names[e][1] }

// Name is the name in errno(3).
func (e Errno) Name() string { return names[e][0] }
