// The parts that all servers of the book start with, and the handler of the blocking ones.
#ifndef ERA_JOB_H
#define ERA_JOB_H

#define _GNU_SOURCE // accept4

#include "http1.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// fail prints the last error and exits.
static inline void fail(const char *what) {
	perror(what);
	exit(1);
}

// parse_addr reads "127.0.0.1:8080" or "localhost:8080". Another name is an error: a lookup would block.
static inline struct sockaddr_in parse_addr(const char *flag, const char *text) {
	struct sockaddr_in addr = {.sin_family = AF_INET};
	char host[INET_ADDRSTRLEN], more;
	unsigned port;
	if (sscanf(text, "%15[^:]:%5u%c", host, &port, &more) == 2 && port <= 65535) {
		addr.sin_port = htons((uint16_t)port);
		if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &addr.sin_addr) == 1)
			return addr;
	}
	fprintf(stderr, "-%s: address \"%s\": want an IPv4 address and a port, as in 127.0.0.1:8080\n", flag, text);
	exit(2);
}

// flags reads the two flags that every server takes: -addr, where it listens, and -backend, which it asks.
static inline void flags(int argc, char **argv, struct sockaddr_in *addr, struct sockaddr_in *backend) {
	static const struct option options[] = {
		{"addr", required_argument, NULL, 'a'}, {"backend", required_argument, NULL, 'b'},
		{"help", no_argument, NULL, 'h'}, {0}};
	*addr = parse_addr("addr", "127.0.0.1:8080");
	*backend = parse_addr("backend", "127.0.0.1:8081");
	int option;
	static const char usage[] = "usage: %s [-addr HOST:PORT] [-backend HOST:PORT]\n";
	while ((option = getopt_long_only(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'a': *addr = parse_addr("addr", optarg); break;
		case 'b': *backend = parse_addr("backend", optarg); break;
		case 'h': printf(usage, argv[0]); exit(0);
		default: fprintf(stderr, usage, argv[0]); exit(2); // getopt has reported the unknown option
		}
	}
	if (optind < argc) {
		fprintf(stderr, "unexpected argument \"%s\"\n", argv[optind]);
		exit(2);
	}
}

// ignore_sigpipe makes a write to a connection that the peer has reset return EPIPE. By default the kernel sends the
// signal SIGPIPE, which ends the whole program (signal(7)).
static inline void ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

// tcp_socket makes a socket that programs started by this one do not inherit (close-on-exec). Linux sets the flag in
// the same call. On other systems, such as macOS, another thread may start a program between the two calls.
static inline int tcp_socket(void) {
#ifdef __linux__
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
#else
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd != -1)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
#endif
}

// accept_client takes the next waiting connection, which programs started by this one do not inherit either. A signal
// that interrupts the wait is not an error.
static inline int accept_client(int listener) {
	int conn;
	do {
#ifdef __linux__
		conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
#else
		conn = accept(listener, NULL, NULL);
		if (conn != -1)
			fcntl(conn, F_SETFD, FD_CLOEXEC);
#endif
	} while (conn == -1 && errno == EINTR);
	return conn;
}

// no_room reports whether accept failed because there is no descriptor or memory for another connection. The client
// stays in the queue then, so accept would fail again at once: wait first.
static inline bool no_room(void) {
	return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
}

// rest sleeps for 10 ms.
static inline void rest(void) { nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL); }

// listen_on opens a listening socket and prints its address on standard output.
static inline int listen_on(struct sockaddr_in addr) {
	int listener = tcp_socket();
	if (listener == -1)
		fail("socket");
	int on = 1; // allow a restart on the same port at once
	if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
		fail("setsockopt");
	char host[INET_ADDRSTRLEN];
	inet_ntop(AF_INET, &addr.sin_addr, host, sizeof host);
	if (bind(listener, (struct sockaddr *)&addr, sizeof addr) == -1) {
		fprintf(stderr, "bind %s:%d: %s\n", host, ntohs(addr.sin_port), strerror(errno));
		exit(1);
	}
	// From here on the kernel completes connections by itself, and keeps up to 128 of them until we accept.
	if (listen(listener, 128) == -1)
		fail("listen");
	socklen_t size = sizeof addr; // with port 0, only the kernel knows which port it took
	if (getsockname(listener, (struct sockaddr *)&addr, &size) == -1)
		fail("getsockname");
	printf("listening on %s:%d\n", host, ntohs(addr.sin_port));
	fflush(stdout);
	return listener;
}

// read_request waits until a whole request has arrived; false when none will arrive. TCP carries a stream of bytes: one
// read may return half a request, or three.
static inline bool read_request(int conn, struct inbox *inbox, struct request *request) {
	while (!inbox_next(inbox, request)) {
		char arrived[READ_SIZE];
		ssize_t n = read(conn, arrived, sizeof arrived); // here a slow client holds us
		if (n == -1 && errno == EINTR)
			continue; // interrupted by a signal: the client is still there
		if (n <= 0)
			return false;
		inbox_add(inbox, arrived, (size_t)n);
	}
	return true;
}

// write_all hands all bytes to the kernel, which takes as much as its buffer has room for and then makes the thread
// wait.
static inline bool write_all(int conn, const char *bytes, size_t len) {
	while (len > 0) {
		ssize_t n = write(conn, bytes, len); // here a client that does not read holds us
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

// hear waits until the backend's line is complete.
static inline bool hear(int conn, struct buffer *line) {
	while (line->len == 0 || line->bytes[line->len - 1] != '\n') {
		char arrived[64 << 10];
		ssize_t n = read(conn, arrived, sizeof arrived); // here a slow backend holds us
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		buffer_add(line, arrived, (size_t)n);
	}
	return true;
}

// connect_to waits until the connection is made; false when it failed. A signal ends the wait but not the connecting,
// and connect cannot be called again for it: wait until the socket is writable, then ask for the result (connect(2),
// ERRORS).
static inline bool connect_to(int conn, struct sockaddr_in addr) {
	if (connect(conn, (struct sockaddr *)&addr, sizeof addr) == 0)
		return true;
	if (errno != EINTR)
		return false;
	struct pollfd made = {.fd = conn, .events = POLLOUT};
	while (poll(&made, 1, -1) == -1)
		if (errno != EINTR)
			return false;
	int error = 0;
	socklen_t size = sizeof error;
	return getsockopt(conn, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

// ask connects to the backend, sends it one line and waits for its answer, also one line; false when it failed.
static inline bool ask(struct sockaddr_in backend, const char *question, struct buffer *line) {
	int conn = tcp_socket();
	if (conn == -1)
		return false;
	bool answered = connect_to(conn, backend) &&
		write_all(conn, question, strlen(question)) && hear(conn, line);
	close(conn);
	return answered;
}

// answer returns the reply to a request; it asks the backend if the request needs it.
static inline struct buffer answer(const struct request *request, struct sockaddr_in backend) {
	if (!request->asks)
		return request_reply(request);
	struct buffer line = {0};
	struct buffer reply = ask(backend, request->question, &line) ? request_answer(request, &line)
	                                                             : request_unanswered(request);
	buffer_free(&line);
	return reply;
}

// handle serves one connection until the client leaves: read the request, ask the backend, write the reply. Each step
// waits until it is done, and the thread with it. The connection's state needs no variable: it is the line that waits.
static inline void handle(int conn, struct sockaddr_in backend) {
	struct inbox inbox = {.len = 0};
	struct request request;
	for (;;) {
		if (!read_request(conn, &inbox, &request))
			break;
		struct buffer reply = answer(&request, backend);
		bool taken = write_all(conn, reply.bytes, reply.len);
		buffer_free(&reply);
		if (!taken)
			break;
		if (request.close)
			shutdown(conn, SHUT_WR); // the client reads our end of file; we read until the client's own
	}
	close(conn);
}

#endif
