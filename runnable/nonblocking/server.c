//go:build ignore

// The non-blocking server that polls: no call ever waits, so one thread can serve all connections. But the kernel does
// not report which of them has something, so the server asks all of them, again and again, as fast as it can.
//
// Build it: cc -O2 -g -pthread -o nonblocking server.c
// (The first line keeps the go command away. make -C runnable c builds all servers in C, with the flags of the lab.)
#include "../kit/c/job.h"
#include "../kit/c/machine.h"

int main(int argc, char **argv) {
	struct sockaddr_in addr, backend;
	flags(argc, argv, &addr, &backend);
	ignore_sigpipe(); // or one client's reset would end the program, and all other connections
	int listener = listen_on(addr);
	if (set_nonblocking(listener) == -1)
		fail("fcntl");
	struct conns conns = {0};
	for (;;) {
		int client = accept_client(listener);
		if (client != -1)
			conns_add(&conns, conn_new(client, backend));
		else if (!later() && !no_room()) // no client, or no descriptor is free: try again
			perror("accept");
		for (size_t i = 0; i < conns.len; i++)
			conn_step(conns.all[i]); // most of these calls find nothing
		conns_drop_gone(&conns);
	}
}
