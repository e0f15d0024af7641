//go:build ignore

// The blocking server: one thread, one connection at a time. Every call waits until it is done, so the program reads
// like the job itself. Whoever comes meanwhile waits too.
//
// The first line keeps the go command away. To build it here:
//
//	cc -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -pthread -Wall -Wextra -o blocking server.c
#include "../kit/c/job.h"

int main(int argc, char **argv) {
	struct sockaddr_in addr, backend;
	flags(argc, argv, &addr, &backend);
	int listener = listen_on(addr);
	for (;;) {
		int conn = accept(listener, NULL, NULL); // waits for a client
		if (conn == -1) {
			perror("accept"); // this client is lost: it left while it waited, say. The next may be well
			continue;
		}
		handle(conn, backend); // until this client leaves, nobody is accepted
	}
}
