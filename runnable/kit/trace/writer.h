// The writer of a trace file, for C: trace.go says what it does and why. Like there, a writer never waits.
#ifndef ERA_WRITER_H
#define ERA_WRITER_H

#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char *memory; // the mapped trace file; NULL when this process is not traced
static uint64_t slots; // events that the ring holds

// What a thread keeps for itself. The model of thread-local memory that needs no call is right for a preloaded library.
#define PER_THREAD static __thread __attribute__((tls_model("initial-exec")))
PER_THREAD uint32_t this_thread;
PER_THREAD struct trace_thread *this_slot; // NULL when the table had no room near its place
PER_THREAD char slot_sought;

// call is a call that has begun and not yet ended.
struct call {
	uint64_t at;
	int32_t fd;
	uint16_t kind, site;
};

#define U64(off) ((_Atomic uint64_t *)(memory + (off)))
#define U32(off) ((_Atomic uint32_t *)(memory + (off)))

static uint64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// find_slot takes the calling thread's place in the table of threads.
static void find_slot(void) {
	slot_sought = 1;
	this_thread = (uint32_t)syscall(SYS_gettid);
	for (uint32_t i = 0; i < 16; i++) {
		struct trace_thread *t = (struct trace_thread *)(memory + THREADS_AT) + (this_thread + i) % MAX_THREADS;
		uint32_t owner = 0;
		if (atomic_compare_exchange_strong((_Atomic uint32_t *)&t->thread, &owner, this_thread) || owner == this_thread) {
			this_slot = t;
			return;
		}
	}
}

static struct call call_begin(uint16_t kind, int fd, uint16_t site) {
	if (!slot_sought)
		find_slot();
	struct call c = {now(), fd, kind, site};
	if (this_slot != NULL) {
		this_slot->kind = kind;
		this_slot->site = site;
		this_slot->fd = fd;
		atomic_store_explicit((_Atomic uint64_t *)&this_slot->since, c.at, memory_order_release);
	}
	return c;
}

static void count(uint16_t kind) { atomic_fetch_add(U64(OFF_COUNTS + 8 * kind), 1); }

// write_event claims a place in the ring, if one is free, and fills it. seq goes last.
static void write_event(struct call c, uint64_t took, int32_t result, int32_t error, uint32_t arg) {
	uint64_t n = atomic_load(U64(OFF_HEAD));
	do {
		if (n - atomic_load(U64(OFF_TAIL)) >= slots) {
			atomic_fetch_add(U64(OFF_DROPPED), 1);
			return;
		}
	} while (!atomic_compare_exchange_weak(U64(OFF_HEAD), &n, n + 1));
	struct trace_event *e = (struct trace_event *)(memory + EVENTS_AT) + (n & (slots - 1));
	e->at = c.at;
	e->took = took;
	e->thread = this_thread;
	e->kind = c.kind;
	e->site = c.site;
	e->fd = c.fd;
	e->result = result;
	e->error = error;
	e->arg = arg;
	e->task = 0;
	atomic_store_explicit((_Atomic uint64_t *)&e->seq, n + 1, memory_order_release);
}

static void call_end(struct call c, int32_t result, int32_t error, uint32_t arg) {
	uint64_t took = now() - c.at;
	count(c.kind); // first: trace.go says why
	if (this_slot != NULL)
		atomic_store_explicit((_Atomic uint64_t *)&this_slot->since, 0, memory_order_release);
	write_event(c, took, result, error, arg);
}

// note writes an event that has no duration: a thread that starts or ends.
static void note(uint16_t kind) {
	if (!slot_sought)
		find_slot();
	count(kind);
	write_event((struct call){now(), -1, kind, 0}, 0, 0, 0, 0);
	if (kind == KIND_THREAD_EXIT && this_slot != NULL) {
		atomic_store((_Atomic uint32_t *)&this_slot->thread, 0);
		this_slot = NULL;
	}
}

// add_site writes a source line into the table and returns its index plus one; 0 when the table is full, or the line's
// file is too deep: half a path would be another file's.
static uint16_t add_site(const char *text) {
	if (strlen(text) >= sizeof ((struct trace_site *)0)->text)
		return 0;
	uint32_t n = atomic_fetch_add(U32(OFF_SITES), 1) + 1;
	if (n > MAX_SITES)
		return 0;
	struct trace_site *site = (struct trace_site *)(memory + SITES_AT) + (n - 1);
	snprintf(site->text, sizeof site->text, "%s", text);
	atomic_store((_Atomic uint32_t *)&site->state, SITE_READY);
	return (uint16_t)n;
}

// map_trace maps the trace file that ERA_TRACE names. A server that cannot be traced still serves.
static void map_trace(void) {
	const char *path = getenv("ERA_TRACE");
	if (path == NULL || *path == 0)
		return;
	struct stat info;
	char *m = MAP_FAILED;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd != -1 && fstat(fd, &info) == 0 && info.st_size > EVENTS_AT)
		m = mmap(NULL, (size_t)info.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd != -1)
		close(fd);
	if (m == MAP_FAILED) {
		fprintf(stderr, "not traced: %s: %s\n", path, fd == -1 ? strerror(errno) : "not a trace file");
		return;
	}
	uint64_t n = *(uint32_t *)(m + OFF_SLOTS);
	if (*(uint64_t *)(m + OFF_MAGIC) != TRACE_MAGIC || *(uint32_t *)(m + OFF_VERSION) != TRACE_VERSION || n == 0 ||
		(n & (n - 1)) != 0 || EVENTS_AT + n * sizeof(struct trace_event) > (uint64_t)info.st_size) {
		fprintf(stderr, "not traced: %s is not a version %d trace file\n", path, TRACE_VERSION);
		munmap(m, (size_t)info.st_size);
		return;
	}
	*(uint32_t *)(m + OFF_PID) = (uint32_t)getpid();
	slots = n;
	memory = m;
}

#endif
