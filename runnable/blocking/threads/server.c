//go:build ignore

// The server with a thread per connection: the blocking server's own handler, on a thread of the operating system for
// each client. A thread that waits holds up no other client.
//
// Build it: cc -O2 -g -pthread -o threads server.c
// (The first line keeps the go command away. make -C runnable c builds all servers in C, with the flags of the lab.)
#include "../../kit/c/job.h"

#include <pthread.h>

static struct sockaddr_in backend;

static void *serve(void *conn) {
	handle((int)(intptr_t)conn, backend); // a descriptor fits into the pointer, so there is no memory to share
	return NULL;
}

int main(int argc, char **argv) {
	struct sockaddr_in addr;
	flags(argc, argv, &addr, &backend);
	ignore_sigpipe(); // or one client's reset would end the program, and all other connections
	int listener = listen_on(addr);

	pthread_attr_t detached; // no thread waits for the thread's end
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	for (;;) {
		int conn = accept_client(listener);
		if (conn == -1) {
			bool full = no_room(); // asked before perror, which may change errno
			perror("accept");
			if (full)
				rest(); // EMFILE: no descriptor is free. Let a client leave before we try again
			continue;
		}
		pthread_t thread;
		int error = pthread_create(&thread, &detached, serve, (void *)(intptr_t)conn);
		if (error != 0) { // the system gives us no more threads
			fprintf(stderr, "pthread_create: %s\n", strerror(error));
			close(conn);
		}
	}
}
