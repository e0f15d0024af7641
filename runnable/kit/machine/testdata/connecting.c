//go:build ignore

// The question waits until the socket to the backend is connected: on a Unix socket, where a write returns ENOTCONN
// until then.
#include "../../c/machine.h"

#include <sys/un.h>

int main(int argc, char **argv) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), pair[2];
	if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path || listener == -1)
		fail("socket");
	strcpy(address.sun_path, argv[1]);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1 || listen(listener, 1) == -1)
		fail("listen");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		fail("socketpair");
	struct conn *c = conn_new(pair[0], (struct sockaddr_in){0});
	c->backend = socket(AF_UNIX, SOCK_STREAM, 0);
	c->state = ASKING;
	buffer_add(&c->outbox, "delay=0\n", 8);
	conn_step(c);
	if (c->state != ASKING) {
		fprintf(stderr, "state %d after ENOTCONN, want %d\n", c->state, ASKING);
		return 1;
	}
	if (connect(c->backend, (struct sockaddr *)&address, sizeof address) == -1)
		fail("connect");
	conn_step(c);
	if (c->state != HEARING) {
		fprintf(stderr, "state %d after the connection was made, want %d\n", c->state, HEARING);
		return 1;
	}
	return 0;
}
