// The layout of a trace file, for C: layout.go says what it means, and a test holds the two together.
#ifndef ERA_TRACE_H
#define ERA_TRACE_H

#include <stdint.h>

#define TRACE_MAGIC 0x4543415254415245ull // "ERATRACE"

enum {
	TRACE_VERSION = 1,

	OFF_MAGIC = 0,
	OFF_VERSION = 8,
	OFF_SLOTS = 12,
	OFF_PID = 16,
	OFF_HEAD = 64,
	OFF_TAIL = 128,
	OFF_DROPPED = 192,
	OFF_SITES = 200,
	OFF_COUNTS = 256,

	SITES_AT = 4096,
	MAX_SITES = 256,
	SITE_READY = 2,

	THREADS_AT = 36864,
	MAX_THREADS = 16384,

	EVENTS_AT = 561152,
};

struct trace_site {
	uint32_t state;
	char text[124]; // ended by a zero
};

// trace_thread says in which call a thread is now.
struct trace_thread {
	uint32_t thread;
	uint16_t kind, site;
	int32_t fd;
	uint32_t arg;
	uint64_t since; // 0: in no call
	uint64_t spare;
};

struct trace_event {
	uint64_t seq; // written last: the event is whole
	uint64_t at, took;
	uint32_t thread;
	uint16_t kind, site;
	int32_t fd, result, error; // error is errno, 0 on success
	uint32_t arg, task;
	uint32_t spare[3];
};

enum trace_kind {
	KIND_NONE,
	KIND_SOCKET,
	KIND_BIND,
	KIND_LISTEN,
	KIND_ACCEPT,
	KIND_CONNECT,
	KIND_READ,
	KIND_WRITE,
	KIND_CLOSE,
	KIND_SETNONBLOCK,
	KIND_GETSOCKOPT,
	KIND_SETSOCKOPT,
	KIND_SELECT,
	KIND_POLL,
	KIND_THREAD_START,
	KIND_THREAD_EXIT,
	KIND_SHUTDOWN,
	KIND_SLEEP,
	KIND_PIPE,
	KIND_EPOLL_CREATE,
	KIND_EPOLL_CTL,
	KIND_EPOLL_WAIT,
	KIND_KQUEUE,
	KIND_KEVENT,
	KIND_CO_CREATE,
	KIND_CO_RESUME,
	KIND_CO_YIELD,
	KIND_CO_CLOSE,
	KIND_TASK_SPAWN,
	KIND_TASK_STEP,
	KIND_TASK_PARK,
	KIND_TASK_CANCEL,
	KIND_TASK_EXIT,
	KIND_LOOP_TURN,
	KIND_TIMER,
	KIND_BUFFER_HIGH,
	KIND_BUFFER_LOW,
	KIND_RECVFROM,
	KIND_SENDTO,
};

#endif
