//go:build ignore

// The poll server: the select server with a list in place of the bitmaps. A list has no highest descriptor, and its
// entries keep the question apart from the answer. The kernel still reads all of it, every round.
//
// Build it: cc -O2 -g -pthread -o poll server.c
// (The first line keeps the go command away. make -C runnable c builds all servers in C, with the flags of the lab.)
#include "../../kit/c/job.h"
#include "../../kit/c/machine.h"

#include <poll.h>

int main(int argc, char **argv) {
	struct sockaddr_in addr, backend;
	flags(argc, argv, &addr, &backend);
	ignore_sigpipe(); // or one client's reset would end the program, and all other connections
	int listener = listen_on(addr);
	if (set_nonblocking(listener) == -1)
		fail("fcntl");
	struct conns conns = {0};
	bool full = false;          // no descriptor was free for the last client
	struct pollfd *list = NULL; // the listener's entry, and behind it one for each connection
	for (;;) {
		list = realloc(list, (conns.len + 1) * sizeof *list);
		if (list == NULL)
			fail("realloc");
		list[0] = (struct pollfd){.fd = full ? -1 : listener, .events = POLLIN}; // the kernel ignores -1
		for (size_t i = 0; i < conns.len; i++) {
			struct wait wait = conn_waits(conns.all[i]);
			list[i + 1] = (struct pollfd){.fd = wait.fd, .events = wait.write ? POLLOUT : POLLIN};
		}

		if (poll(list, conns.len + 1, full ? 10 : -1) == -1) { // the one call that waits
			if (errno == EINTR)
				continue;
			fail("poll");
		}
		full = false;

		for (size_t i = 0; i < conns.len; i++)
			if (list[i + 1].revents != 0) // an error or a hang-up counts too: the next call will return it
				conn_step(conns.all[i]);
		if (list[0].revents != 0) {
			int client = accept_client(listener);
			if (client != -1)
				conns_add(&conns, conn_new(client, backend));
			else if (no_room()) // EMFILE: no descriptor is free
				full = true; // the listener stays ready, so poll would not sleep: wait for the others, or 10 ms
			else if (!later()) // EAGAIN: it left between poll and accept
				perror("accept");
		}
		conns_drop_gone(&conns);
	}
}
