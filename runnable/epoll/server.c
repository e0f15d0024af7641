//go:build ignore

// The epoll server: the list of what is waited for stays in the kernel. The program reports only changes to it, and
// receives only events, so a thousand silent connections cost a round nothing. epoll is Linux's own.
//
// Build it: cc -O2 -g -pthread -o epoll server.c
// (The first line keeps the go command away. make -C runnable c builds all servers in C, with the flags of the lab.)
#include "../kit/c/job.h"
#include "../kit/c/machine.h"

#include <sys/epoll.h>

// watch tells the kernel what the connection waits for. The kernel hands c back with the event.
static void watch(int epfd, struct conn *c) {
	if (c->state != GONE) {
		struct wait wait = conn_waits(c);
		uint32_t wanted = wait.write ? EPOLLOUT : EPOLLIN;
		struct epoll_event event = {.events = wanted, .data.ptr = c};
		if (epoll_ctl(epfd, EPOLL_CTL_ADD, wait.fd, &event) == 0)
			return;
		perror("epoll_ctl"); // ENOSPC or ENOMEM: the kernel's list is full. Only this client is lost
		conn_close(c);
	}
	free(c);
}

// step continues the connection's job, and tells the kernel if it now waits for something else.
static void step(int epfd, struct conn *c) {
	struct wait before = conn_waits(c);
	conn_step(c);
	if (wait_equal(before, conn_waits(c)))
		return; // the usual case: no system call is made
	epoll_ctl(epfd, EPOLL_CTL_DEL, before.fd, NULL); // EBADF or ENOENT: the step closed it, and the kernel forgot it
	watch(epfd, c);
}

// listening starts or stops waiting for clients. The listener's events have no connection. If it cannot be watched, no
// client would ever be accepted, so the server ends.
static void listening(int epfd, int listener, int op) {
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	if (epoll_ctl(epfd, op, listener, &event) == -1)
		fail("epoll_ctl");
}

int main(int argc, char **argv) {
	struct sockaddr_in addr, backend;
	flags(argc, argv, &addr, &backend);
	ignore_sigpipe(); // or one client's reset would end the program, and all other connections
	int listener = listen_on(addr);
	int epfd = epoll_create1(EPOLL_CLOEXEC);
	if (epfd == -1 || set_nonblocking(listener) == -1)
		fail("epoll_create1");
	listening(epfd, listener, EPOLL_CTL_ADD);
	bool full = false; // no descriptor was free for the last client
	for (;;) {
		struct epoll_event ready[256];
		int n = epoll_wait(epfd, ready, 256, full ? 10 : -1); // the one call that waits
		if (n == -1 && errno != EINTR)
			fail("epoll_wait");
		if (full)
			listening(epfd, listener, EPOLL_CTL_ADD);
		full = false;
		for (int i = 0; i < n; i++) {
			if (ready[i].data.ptr != NULL) {
				step(epfd, ready[i].data.ptr);
				continue;
			}
			int client = accept_client(listener);
			if (client != -1) {
				watch(epfd, conn_new(client, backend));
			} else if (no_room()) { // EMFILE: no descriptor is free
				full = true; // the listener stays ready, and we would not sleep: ignore it until another event, or 10 ms
				listening(epfd, listener, EPOLL_CTL_DEL);
			} else if (!later()) { // EAGAIN: it left between the wait and accept
				perror("accept");
			}
		}
	}
}
