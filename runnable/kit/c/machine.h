// The handler for servers that must not wait. Where the blocking handler stops in the middle of a line, a program that
// may not stop has to store where it was: the handler becomes a state machine.
#ifndef ERA_MACHINE_H
#define ERA_MACHINE_H

#include "job.h"

// state is how far a connection's handler is. In each state the connection waits for one thing.
enum state {
	READING, // for bytes of the client's request
	ASKING,  // for the backend to take the question; before that, for the connection to it
	HEARING, // for the backend's line
	WRITING, // for the client to take the reply
	GONE,    // for nothing: the connection is closed
};

// conn is a client's connection and all that its handler must remember. Both descriptors are non-blocking.
struct conn {
	enum state state;
	int client;
	int backend; // while ASKING and HEARING
	int asked;   // questions so far
	struct sockaddr_in address;
	struct inbox inbox;
	struct request request;
	struct buffer line;   // what the backend has answered so far
	struct buffer outbox; // bytes to write, to the client or the backend, depending on the state
	size_t written;       // how much of it is
};

static inline int set_nonblocking(int fd) { return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

// later reports whether the last call failed only for now: it would have to wait, or a signal interrupted it.
static inline bool later(void) { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

// conn_close drops the client, in any state.
static inline void conn_close(struct conn *c) {
	if (c->state == ASKING || c->state == HEARING)
		close(c->backend);
	close(c->client);
	buffer_free(&c->line);
	buffer_free(&c->outbox);
	c->state = GONE;
}

// conn_new takes over an accepted connection.
static inline struct conn *conn_new(int client, struct sockaddr_in backend) {
	struct conn *c = calloc(1, sizeof *c);
	if (c == NULL) {
		perror("calloc");
		exit(1);
	}
	c->client = client;
	c->address = backend;
	if (set_nonblocking(client) == -1) // accepted descriptors are always blocking
		conn_close(c);
	return c;
}

// wait is what a connection waits for. Equal waits need only one registration.
struct wait {
	int fd;       // -1: the connection is gone
	bool write;   // until fd is writable; else readable
	int question; // whose backend fd is, counted from 1: the next one's may have the same number. 0: the client
};

// conn_waits returns what the connection waits for.
static inline struct wait conn_waits(const struct conn *c) {
	switch (c->state) {
	case ASKING: return (struct wait){c->backend, true, c->asked};
	case HEARING: return (struct wait){c->backend, false, c->asked};
	case WRITING: return (struct wait){c->client, true, 0};
	case GONE: return (struct wait){-1, false, 0};
	default: return (struct wait){c->client, false, 0};
	}
}

static inline bool wait_equal(struct wait a, struct wait b) {
	return a.fd == b.fd && a.write == b.write && a.question == b.question;
}

static inline void conn_send(struct conn *c, struct buffer bytes) {
	buffer_free(&c->outbox);
	c->outbox = bytes;
	c->written = 0;
}

static inline void conn_write(struct conn *c) {
	ssize_t n = write(c->client, c->outbox.bytes + c->written, c->outbox.len - c->written);
	if (n == -1) {
		if (!later())
			conn_close(c);
		return;
	}
	c->written += (size_t)n;
	if (c->written < c->outbox.len)
		return; // the kernel took a part: write the rest when there is room again
	if (c->request.close)
		shutdown(c->client, SHUT_WR); // and read until the client's own end of file
	c->state = READING;
}

static inline void conn_reply(struct conn *c, struct buffer reply) {
	conn_send(c, reply);
	c->state = WRITING;
	conn_write(c); // there is nearly always room: try at once, and wait only if not
}

// conn_answer closes the backend's connection and replies to the client.
static inline void conn_answer(struct conn *c, bool answered) {
	close(c->backend);
	conn_reply(c, answered ? request_answer(&c->request, &c->line) : request_unanswered(&c->request));
}

// conn_connect starts to connect to the backend. The result is EINPROGRESS, and later the socket becomes writable.
static inline void conn_connect(struct conn *c) {
	c->backend = tcp_socket();
	if (c->backend == -1) {
		conn_reply(c, request_unanswered(&c->request));
		return;
	}
	struct buffer question = {0};
	buffer_add(&question, c->request.question, strlen(c->request.question));
	conn_send(c, question);
	c->line.len = 0;
	c->state = ASKING;
	c->asked++;
	if (set_nonblocking(c->backend) == -1 ||
		(connect(c->backend, (struct sockaddr *)&c->address, sizeof c->address) == -1 && errno != EINPROGRESS))
		conn_answer(c, false);
}

static inline void conn_ask(struct conn *c) {
	// Writable may mean connected or refused: the socket's pending error tells which.
	int error = 0;
	socklen_t size = sizeof error;
	if (getsockopt(c->backend, SOL_SOCKET, SO_ERROR, &error, &size) == -1 || error != 0) {
		conn_answer(c, false);
		return;
	}
	ssize_t n = write(c->backend, c->outbox.bytes + c->written, c->outbox.len - c->written);
	if (n == -1) {
		if (!later() && errno != ENOTCONN) // not connected yet: EAGAIN on Linux, ENOTCONN in POSIX, macOS and BSD
			conn_answer(c, false);
		return;
	}
	c->written += (size_t)n;
	if (c->written == c->outbox.len)
		c->state = HEARING;
}

static inline void conn_hear(struct conn *c) {
	char arrived[64 << 10];
	ssize_t n = read(c->backend, arrived, sizeof arrived);
	if (n == -1 && later())
		return;
	if (n <= 0) {
		conn_answer(c, false);
		return;
	}
	buffer_add(&c->line, arrived, (size_t)n);
	if (arrived[n - 1] == '\n')
		conn_answer(c, true);
}

static inline void conn_read(struct conn *c) {
	char arrived[READ_SIZE];
	ssize_t n = read(c->client, arrived, sizeof arrived);
	if (n == -1 && later())
		return;
	if (n <= 0)
		conn_close(c);
	else
		inbox_add(&c->inbox, arrived, (size_t)n);
}

// conn_step continues the handler from where it was, as far as possible. It never waits: if nothing has arrived, it
// changes nothing.
static inline void conn_step(struct conn *c) {
	switch (c->state) {
	case READING: conn_read(c); break;
	case ASKING: conn_ask(c); break;
	case HEARING: conn_hear(c); break;
	case WRITING: conn_write(c); break;
	case GONE: break;
	}
	// One read may have returned several requests. The next is started when the reply to the last is written: replies
	// go out in the order of the requests, and a client that does not take its replies gets no more of them.
	while (c->state == READING) {
		if (!inbox_next(&c->inbox, &c->request))
			return;
		if (c->request.asks)
			conn_connect(c);
		else
			conn_reply(c, request_reply(&c->request));
	}
}

// conns is a list of connections.
struct conns {
	struct conn **all;
	size_t len, room;
};

static inline void conns_add(struct conns *conns, struct conn *c) {
	if (conns->len == conns->room) {
		conns->room = 2 * conns->room + 16;
		conns->all = realloc(conns->all, conns->room * sizeof *conns->all);
		if (conns->all == NULL) {
			perror("realloc");
			exit(1);
		}
	}
	conns->all[conns->len++] = c;
}

// conns_drop_gone removes the connections that are over, and keeps the order of the others.
static inline void conns_drop_gone(struct conns *conns) {
	size_t kept = 0;
	for (size_t i = 0; i < conns->len; i++) {
		if (conns->all[i]->state == GONE)
			free(conns->all[i]);
		else
			conns->all[kept++] = conns->all[i];
	}
	conns->len = kept;
}

#endif
