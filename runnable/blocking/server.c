//go:build ignore

// The blocking server: one thread, one connection at a time. Every call waits until it is done, so the program reads
// like the job itself. A client that comes meanwhile waits too.
//
// Build it: cc -O2 -g -pthread -o blocking server.c
// (The first line keeps the go command away. make -C runnable c builds all servers in C, with the flags of the lab.)
#include "../kit/c/job.h"

int main(int argc, char **argv) {
	struct sockaddr_in addr, backend;
	flags(argc, argv, &addr, &backend);
	ignore_sigpipe(); // or one client's reset would end the program, and all other connections
	int listener = listen_on(addr);
	for (;;) {
		int conn = accept_client(listener); // waits for a client
		if (conn == -1) {
			bool full = no_room(); // asked before perror, which may change errno
			perror("accept");      // one client is lost: perhaps it left while it waited. Carry on with the next
			if (full)
				rest(); // no client is lost: it stays in the queue, and accept would fail again at once
			continue;
		}
		handle(conn, backend); // no client is accepted until this one leaves
	}
}
