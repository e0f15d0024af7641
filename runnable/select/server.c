//go:build ignore

// The select server: one thread, many connections. The program tells the kernel what each connection waits for, and
// sleeps until one of them is ready.
//
// Build it: cc -O2 -g -pthread -o select server.c
// (The first line keeps the go command away. make -C runnable c builds all servers in C, with the flags of the lab.)
#include "../kit/c/job.h"
#include "../kit/c/machine.h"

#include <sys/select.h>

int main(int argc, char **argv) {
	struct sockaddr_in addr, backend;
	flags(argc, argv, &addr, &backend);
	ignore_sigpipe(); // or one client's reset would end the program, and all other connections
	int listener = listen_on(addr);
	if (set_nonblocking(listener) == -1)
		fail("fcntl");
	struct conns conns = {0};
	bool full = false; // no descriptor was free for the last client
	for (;;) {
		// select overwrites its sets with what is ready, so every round fills them anew.
		fd_set readable, writable;
		FD_ZERO(&readable);
		FD_ZERO(&writable);
		int highest = listener;
		struct timeval soon = {.tv_usec = 10 * 1000}; // select may overwrite it, too
		if (!full)
			FD_SET(listener, &readable);
		for (size_t i = 0; i < conns.len; i++) {
			struct wait wait = conn_waits(conns.all[i]);
			if (wait.fd >= FD_SETSIZE) { // there are 1024 bits, and FD_SET would write beyond them (select(2), BUGS)
				fprintf(stderr, "select: descriptor %d does not fit into its set: one client is refused\n", wait.fd);
				conn_close(conns.all[i]);
				continue;
			}
			if (wait.write)
				FD_SET(wait.fd, &writable);
			else
				FD_SET(wait.fd, &readable);
			highest = wait.fd > highest ? wait.fd : highest;
		}
		conns_drop_gone(&conns);

		if (select(highest + 1, &readable, &writable, NULL, full ? &soon : NULL) == -1) { // the one call that waits
			if (errno == EINTR)
				continue;
			fail("select");
		}
		full = false;

		for (size_t i = 0; i < conns.len; i++) {
			int fd = conn_waits(conns.all[i]).fd; // as it was before select: only its own step changes it
			if (FD_ISSET(fd, &readable) || FD_ISSET(fd, &writable))
				conn_step(conns.all[i]);
		}
		if (FD_ISSET(listener, &readable)) {
			int client = accept_client(listener);
			if (client != -1)
				conns_add(&conns, conn_new(client, backend));
			else if (no_room()) // EMFILE: no descriptor is free
				full = true; // the listener stays ready, so select would not sleep: wait for the others, or 10 ms
			else if (!later()) // EAGAIN: it left between select and accept
				perror("accept");
		}
		conns_drop_gone(&conns);
	}
}
