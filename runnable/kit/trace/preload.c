//go:build ignore

// A library that makes C and Python servers record the same trace as the Go ones, without changes to their code (Linux,
// LD_PRELOAD, see ld.so(8)). The first line keeps the go command away. To build it here:
//
//	cc -O2 -g -fPIC -shared -o libtrace.so preload.c -ldl -pthread
//
// Mechanism: the library defines read, accept, select and their like, so the program's calls reach it before the C
// library. Each writes an event and goes on to the real one. A descriptor is traced from the moment when socket, accept
// or pipe makes it until it is closed; files are left alone. A C call's source is its return address, a Python call's
// the line of the nearest function of the book (pyline.h).
//
// Cost, measured on a virtual machine with two busy cores: about 90 ns an event in C and 160 ns in Python 3.11, its
// line included, in a loop of one call; a select server that says hello as fast as it can says it 5 to 13 % less often
// (go test ./runnable -bench Tracing). Where Python's socket module is built into the interpreter (Debian), a call
// takes the GIL once more: threads that compete for it then wait a little longer than they would untraced.
//
// What it cannot see: calls that the C library makes for itself (looking up names, for example), calls of programs that
// are linked statically or ask the kernel directly, descriptors from 65536 on, and what a child process does.
#define _GNU_SOURCE
#include "writer.h"

#include "pyline.h"

#include <link.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

// The descriptors that are traced, one bit each. Those beyond are not.
enum { MAX_FD = 1 << 16 };
static _Atomic uint64_t traced_fds[MAX_FD / 64];

static int traced(int fd) {
	return fd >= 0 && fd < MAX_FD && (atomic_load_explicit(&traced_fds[fd / 64], memory_order_relaxed) >> (fd % 64) & 1);
}

static void trace_fd(int fd, int on) {
	if (fd < 0 || fd >= MAX_FD)
		return;
	uint64_t bit = 1ull << (fd % 64);
	if (on)
		atomic_fetch_or(&traced_fds[fd / 64], bit);
	else
		atomic_fetch_and(&traced_fds[fd / 64], ~bit);
}

// Where the main program's code lies, and how far it was moved from where its debug information thinks it is.
static uintptr_t program_base, program_from, program_to;

static int find_program(struct dl_phdr_info *info, size_t size, void *unused) {
	(void)size, (void)unused;
	program_base = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
			program_from = program_base + part->p_vaddr;
			program_to = program_from + part->p_memsz;
		}
	}
	return 1; // the first is the main program, and the only one wanted
}

// c_site is the calling place's number in the table of sites. The text is an offset within the calling instruction.
static uint16_t c_site(uintptr_t return_address) {
	static _Atomic uint64_t known[1024]; // 48 bits of address, 16 of site
	if (return_address < program_from || return_address >= program_to)
		return 0;
	for (size_t i = return_address, tries = 0; tries < 32; i++, tries++) {
		uint64_t entry = atomic_load_explicit(&known[i % 1024], memory_order_relaxed);
		if (entry == 0) {
			char text[32];
			snprintf(text, sizeof text, "@%lx", (unsigned long)(return_address - 1 - program_base));
			uint16_t site = add_site(text);
			if (atomic_compare_exchange_strong(&known[i % 1024], &entry, (uint64_t)return_address << 16 | site))
				return site;
		}
		if (entry >> 16 == (return_address & 0xffffffffffff))
			return (uint16_t)entry;
	}
	return 0;
}

// A thread records its start itself, with its first call: a runtime's own threads make no calls, and whether they run
// or sleep is unknown. The key's destructor records the end; it always runs when the thread ends.
static _Thread_local int unnoted;
static pthread_key_t thread_end;

static struct call begin(uint16_t kind, int fd, void *return_address) {
	int error = errno;
	if (kind == KIND_CLOSE)
		trace_fd(fd, 0); // before the call: right after it, the number may name another thread's new descriptor
	if (unnoted) {
		unnoted = 0;
		note(KIND_THREAD_START);
		pthread_setspecific(thread_end, &thread_end);
	}
	struct call c = call_begin(kind, fd, has_python ? python_site() : c_site((uintptr_t)return_address));
	errno = error;
	return c;
}

static void end(struct call c, long result, uint32_t arg) {
	int error = errno;
	if (result >= 0 && (c.kind == KIND_SOCKET || c.kind == KIND_ACCEPT))
		trace_fd((int)result, 1);
	call_end(c, (int32_t)result, result == -1 ? error : 0, arg);
	errno = error;
}

// REAL finds the function that the program would have reached without us.
#define REAL(name) \
	static __typeof__(&name) real; \
	if (real == NULL) \
		real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

// WRAP defines a traced function: its type, name, parameters and arguments, when to trace it, the kind of its event,
// its descriptor, and the event's arg, which is worked out after the call.
#define WRAP(type, name, parameters, arguments, when, kind, fd, arg) \
	type name parameters { \
		REAL(name); \
		if (memory == NULL || !(when)) \
			return real arguments; \
		struct call c = begin(kind, fd, __builtin_return_address(0)); \
		type result = real arguments; \
		end(c, result, arg); \
		return result; \
	}

static uint32_t port(const struct sockaddr *a) {
	return a->sa_family == AF_INET || a->sa_family == AF_INET6 ? ntohs(((const struct sockaddr_in *)a)->sin_port) : 0;
}

static uint32_t value(const void *option, const socklen_t *size) {
	return *size >= sizeof(uint32_t) ? *(const uint32_t *)option : 0;
}

static int any_traced(const struct pollfd *fds, nfds_t n) {
	for (nfds_t i = 0; i < n; i++)
		if (traced(fds[i].fd))
			return 1;
	return 0;
}

WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol),
	domain == AF_INET || domain == AF_INET6, KIND_SOCKET, -1, 0)
WRAP(int, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n), traced(fd), KIND_BIND, fd, port(a))
WRAP(int, listen, (int fd, int backlog), (fd, backlog), traced(fd), KIND_LISTEN, fd, (uint32_t)backlog)
WRAP(int, connect, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n), traced(fd), KIND_CONNECT, fd, port(a))
WRAP(int, shutdown, (int fd, int how), (fd, how), traced(fd), KIND_SHUTDOWN, fd, (uint32_t)how)
WRAP(int, close, (int fd), (fd), traced(fd), KIND_CLOSE, fd, 0)
// libuv, below uvloop, asks the kernel directly when it closes: past close, which is a point where threads are
// cancelled.
long syscall(long number, ...) {
	REAL(syscall);
	long a[6];
	va_list arguments;
	va_start(arguments, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(arguments, long); // as many as there may be: those that were not given are not looked at
	va_end(arguments);
	return number == SYS_close ? close((int)a[0]) : real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

WRAP(int, getsockopt, (int fd, int level, int name, void *p, socklen_t *n), (fd, level, name, p, n),
	traced(fd), KIND_GETSOCKOPT, fd, result == 0 ? value(p, n) : 0)
WRAP(int, setsockopt, (int fd, int level, int name, const void *p, socklen_t n), (fd, level, name, p, n),
	traced(fd), KIND_SETSOCKOPT, fd, 0)

WRAP(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), traced(fd), KIND_READ, fd, 0)
WRAP(ssize_t, recv, (int fd, void *p, size_t n, int flags), (fd, p, n, flags), traced(fd), KIND_READ, fd, 0)
WRAP(ssize_t, recvfrom, (int fd, void *p, size_t n, int flags, struct sockaddr *a, socklen_t *size),
	(fd, p, n, flags, a, size), traced(fd), a == NULL ? KIND_READ : KIND_RECVFROM, fd,
	a != NULL && result >= 0 ? port(a) : 0)
WRAP(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), traced(fd), KIND_WRITE, fd, 0)
WRAP(ssize_t, send, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags), traced(fd), KIND_WRITE, fd, 0)
WRAP(ssize_t, sendto, (int fd, const void *p, size_t n, int flags, const struct sockaddr *a, socklen_t size),
	(fd, p, n, flags, a, size), traced(fd), a == NULL ? KIND_WRITE : KIND_SENDTO, fd, a == NULL ? 0 : port(a))

// Several pieces in one call: what uvloop writes with, and asyncio from 3.12 on.
WRAP(ssize_t, readv, (int fd, const struct iovec *p, int n), (fd, p, n), traced(fd), KIND_READ, fd, 0)
WRAP(ssize_t, writev, (int fd, const struct iovec *p, int n), (fd, p, n), traced(fd), KIND_WRITE, fd, 0)
WRAP(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), (fd, m, flags), traced(fd), KIND_READ, fd, 0)
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), (fd, m, flags), traced(fd), KIND_WRITE, fd, 0)

// What a compiler with _FORTIFY_SOURCE makes of read and recv when it knows the room in p at run time only.
ssize_t __read_chk(int fd, void *p, size_t n, size_t room);
ssize_t __recv_chk(int fd, void *p, size_t n, size_t room, int flags);
WRAP(ssize_t, __read_chk, (int fd, void *p, size_t n, size_t room), (fd, p, n, room), traced(fd), KIND_READ, fd, 0)
WRAP(ssize_t, __recv_chk, (int fd, void *p, size_t n, size_t room, int flags), (fd, p, n, room, flags),
	traced(fd), KIND_READ, fd, 0)

// A select without descriptors is a way to sleep, and no concern of the trace.
WRAP(int, select, (int n, fd_set *r, fd_set *w, fd_set *x, struct timeval *t), (n, r, w, x, t),
	n > 0, KIND_SELECT, -1, (uint32_t)n)
WRAP(int, pselect, (int n, fd_set *r, fd_set *w, fd_set *x, const struct timespec *t, const sigset_t *s),
	(n, r, w, x, t, s),
	n > 0, KIND_SELECT, -1, (uint32_t)n)
WRAP(int, poll, (struct pollfd * fds, nfds_t n, int timeout), (fds, n, timeout),
	any_traced(fds, n), KIND_POLL, -1, (uint32_t)n)

// A list that a program made is its own, whatever is on it; the entries are traced descriptors.
WRAP(int, epoll_create1, (int flags), (flags), 1, KIND_EPOLL_CREATE, -1, 0)
WRAP(int, epoll_ctl, (int list, int op, int fd, struct epoll_event *e), (list, op, fd, e),
	traced(fd) || op == EPOLL_CTL_DEL, KIND_EPOLL_CTL, fd, e == NULL ? 0 : e->events)
WRAP(int, epoll_wait, (int list, struct epoll_event *e, int room, int timeout), (list, e, room, timeout),
	1, KIND_EPOLL_WAIT, -1, (uint32_t)room)
// The same with a set of signals: libuv's way to wait.
WRAP(int, epoll_pwait, (int list, struct epoll_event *e, int room, int timeout, const sigset_t *s),
	(list, e, room, timeout, s),
	1, KIND_EPOLL_WAIT, -1, (uint32_t)room)

// A program that does not ask who the client is passes no address; the trace asks.
#define WRAP_ACCEPT(name, parameters, arguments) \
	int name parameters { \
		REAL(name); \
		struct sockaddr_storage own = {0}; \
		socklen_t own_size = sizeof own; \
		if (memory == NULL || !traced(fd)) \
			return real arguments; \
		if (peer == NULL) { \
			peer = (struct sockaddr *)&own; \
			size = &own_size; \
		} \
		struct call c = begin(KIND_ACCEPT, fd, __builtin_return_address(0)); \
		int result = real arguments; \
		end(c, result, result >= 0 ? port(peer) : 0); \
		return result; \
	}
WRAP_ACCEPT(accept, (int fd, struct sockaddr *peer, socklen_t *size), (fd, peer, size))
WRAP_ACCEPT(accept4, (int fd, struct sockaddr *peer, socklen_t *size, int flags), (fd, peer, size, flags))

// fcntl and ioctl take one more argument of any kind; as a pointer it passes through unchanged.
#define WRAP_CONTROL(name, request_type, when, on) \
	int name(int fd, request_type request, ...) { \
		REAL(name); \
		va_list more; \
		va_start(more, request); \
		void *argument = va_arg(more, void *); \
		va_end(more); \
		if (memory == NULL || !traced(fd) || request != (when)) \
			return real(fd, request, argument); \
		struct call c = begin(KIND_SETNONBLOCK, fd, __builtin_return_address(0)); \
		int result = real(fd, request, argument); \
		end(c, result, on); \
		return result; \
	}
WRAP_CONTROL(fcntl, int, F_SETFL, ((uintptr_t)argument & O_NONBLOCK) != 0)
WRAP_CONTROL(fcntl64, int, F_SETFL, ((uintptr_t)argument & O_NONBLOCK) != 0)
WRAP_CONTROL(ioctl, unsigned long, FIONBIO, *(int *)argument != 0)

#define WRAP_PIPE(name, parameters, arguments) \
	int name parameters { \
		REAL(name); \
		if (memory == NULL) \
			return real arguments; \
		struct call c = begin(KIND_PIPE, -1, __builtin_return_address(0)); \
		int result = real arguments; \
		end(c, result, 0); \
		if (result == 0) { \
			trace_fd(ends[0], 1); \
			trace_fd(ends[1], 1); \
		} \
		return result; \
	}
WRAP_PIPE(pipe, (int ends[2]), (ends))
WRAP_PIPE(pipe2, (int ends[2], int flags), (ends, flags))

struct start {
	void *(*run)(void *);
	void *argument;
};

static void *start_traced(void *memory_of_start) {
	struct start s = *(struct start *)memory_of_start;
	free(memory_of_start);
	unnoted = 1;
	return s.run(s.argument);
}

static void note_end(void *unused) {
	(void)unused;
	note(KIND_THREAD_EXIT);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
	REAL(pthread_create);
	struct start *s = memory == NULL ? NULL : malloc(sizeof *s);
	if (s == NULL)
		return real(thread, attributes, run, argument);
	*s = (struct start){run, argument};
	int error = real(thread, attributes, start_traced, s);
	if (error != 0)
		free(s);
	return error;
}

static void leave(void) { memory = NULL; } // a child process is not the server

__attribute__((constructor)) static void enter(void) {
	dl_iterate_phdr(find_program, NULL);
	find_python();
	pthread_key_create(&thread_end, note_end);
	pthread_atfork(NULL, NULL, leave);
	map_trace();
}
