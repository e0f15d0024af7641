// HTTP/1.1 without input and output, which is the same in every server of the book and not its subject. A server passes
// it the bytes that arrived and takes the next request; a request has the question for the backend and formats its
// reply. http1.go and http1.py are the same for Go and Python.
//
// C's standard library cannot parse a head, so this file has a small strict parser (RFC 9112, RFC 9110).
#ifndef ERA_HTTP1_H
#define ERA_HTTP1_H

#define _GNU_SOURCE // memmem
#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
	MAX_HEAD = 8 << 10, // bytes that a request's head may have, the empty line included; a longer one is refused with 431
	READ_SIZE = 4096,   // bytes that a server may read at once
	MAX_BURN = 2000,    // milliseconds that a request may keep the processor busy
};

// buffer is a growing array of bytes.
struct buffer {
	char *bytes;
	size_t len, room;
};

static inline void buffer_add(struct buffer *b, const char *bytes, size_t n) {
	if (b->len + n > b->room) {
		b->room = 2 * (b->len + n);
		b->bytes = realloc(b->bytes, b->room);
		if (b->bytes == NULL) {
			perror("realloc");
			exit(1);
		}
	}
	if (n > 0)
		memcpy(b->bytes + b->len, bytes, n);
	b->len += n;
}

static inline void buffer_free(struct buffer *b) {
	free(b->bytes);
	*b = (struct buffer){0};
}

// inbox holds the bytes that a connection has received and not yet used. A server reads only when no request is
// complete, so at most MAX_HEAD bytes are kept when READ_SIZE more arrive.
struct inbox {
	char bytes[MAX_HEAD + READ_SIZE];
	size_t len;
	bool closed; // the last request was returned: what follows is discarded
};

// request is the part of a request that a server needs.
struct request {
	bool asks;               // the backend must be asked before the reply
	char question[MAX_HEAD]; // the line for the backend, ended by a zero
	bool close;              // the connection closes after the reply

	int status;
	bool head_only; // HEAD: the reply has no body
	int burns;      // milliseconds that the reply takes to compute
};

static inline const char *status_text(int status) {
	switch (status) {
	case 200: return "OK";
	case 400: return "Bad Request";
	case 404: return "Not Found";
	case 421: return "Misdirected Request";
	case 431: return "Request Header Fields Too Large";
	case 501: return "Not Implemented";
	case 505: return "HTTP Version Not Supported";
	default: return "Bad Gateway";
	}
}

static inline struct buffer make_reply(const struct request *r, int status, const char *body, size_t size) {
	char head[160];
	int n = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %zu%s\r\n\r\n",
		status, status_text(status), size, r->close ? "\r\nConnection: close" : "");
	struct buffer reply = {0};
	buffer_add(&reply, head, (size_t)n);
	if (!r->head_only)
		buffer_add(&reply, body, size);
	return reply;
}

static inline struct buffer make_status_reply(const struct request *r, int status) {
	char body[64];
	int n = snprintf(body, sizeof body, "%s\n", status_text(status));
	return make_reply(r, status, body, (size_t)n);
}

// burn spins for ms milliseconds without a call that waits. A single-threaded server can do nothing else meanwhile.
static inline void burn(int ms) {
	struct timespec began, now;
	clock_gettime(CLOCK_MONOTONIC, &began);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - began.tv_sec) * 1000000000LL + now.tv_nsec - began.tv_nsec < ms * 1000000LL);
}

// request_reply returns the reply's bytes, for a request that does not ask the backend. The caller frees them, and
// those of the next two functions. A reply to /burn takes time to compute: it stands for handlers that compute, such as
// one that renders a report.
static inline struct buffer request_reply(const struct request *r) {
	if (r->burns > 0) {
		char body[32];
		int n = snprintf(body, sizeof body, "burned %d ms\n", r->burns);
		burn(r->burns);
		return make_reply(r, 200, body, (size_t)n);
	}
	return r->status == 200 ? make_reply(r, 200, "hello\n", 6) : make_status_reply(r, r->status);
}

// request_answer returns the reply's bytes, for a request that asks, from the backend's line.
static inline struct buffer request_answer(const struct request *r, const struct buffer *line) {
	return make_reply(r, 200, line->bytes, line->len);
}

// request_unanswered returns the reply's bytes when the backend could not be asked.
static inline struct buffer request_unanswered(const struct request *r) { return make_status_reply(r, 502); }

// text is a part of the head: from its first byte to the one after its last.
struct text {
	const char *at, *end;
};

static inline bool is_token_byte(char c) {
	return c != 0 && (isalnum((unsigned char)c) || strchr("!#$%&'*+-.^_`|~", c));
}

static inline bool is_control(char c) { return (unsigned char)c < ' ' || c == 127; }

static inline bool equal(struct text t, const char *word) {
	return (size_t)(t.end - t.at) == strlen(word) && strncasecmp(t.at, word, strlen(word)) == 0;
}

static inline bool same(struct text t, const char *word) {
	return (size_t)(t.end - t.at) == strlen(word) && memcmp(t.at, word, strlen(word)) == 0;
}

// cut removes from rest the text before the first c, and c; false when there is no c.
static inline bool cut(struct text *rest, char c, struct text *before) {
	const char *found = memchr(rest->at, c, (size_t)(rest->end - rest->at));
	if (found == NULL)
		return false;
	*before = (struct text){rest->at, found};
	rest->at = found + 1;
	return true;
}

// cut_line removes a line from the head and returns it without its line end: a carriage return precedes every line feed
// of a head.
static inline bool cut_line(struct text *rest, struct text *line) {
	if (!cut(rest, '\n', line))
		return false;
	line->end--;
	return true;
}

static inline struct text trim(struct text t) {
	while (t.at < t.end && (*t.at == ' ' || *t.at == '\t'))
		t.at++;
	while (t.at < t.end && (t.end[-1] == ' ' || t.end[-1] == '\t'))
		t.end--;
	return t;
}

static inline bool is_token(struct text t) {
	for (const char *p = t.at; p < t.end; p++)
		if (!is_token_byte(*p))
			return false;
	return t.at < t.end;
}

static inline bool has_option(struct text list, const char *option) {
	struct text item;
	while (cut(&list, ',', &item))
		if (equal(trim(item), option))
			return true;
	return equal(trim(list), option);
}

// is_length reports whether the text is a number below 2^63, in digits only: no sign, no list.
static inline bool is_length(struct text t, bool *zero) {
	int64_t n = 0;
	for (const char *p = t.at; p < t.end; p++) {
		if (*p < '0' || *p > '9' || n > (INT64_MAX - (*p - '0')) / 10)
			return false;
		n = 10 * n + (*p - '0');
	}
	*zero = n == 0;
	return t.at < t.end;
}

// is_host reports whether the text may be the value of Host: a name or an address, optionally with a port (RFC 9110,
// section 7.2; RFC 3986, section 3.2.2). It may be empty.
static inline bool is_host(struct text t) {
	const char *port = t.end; // or the name's last digits
	while (port > t.at && port[-1] >= '0' && port[-1] <= '9')
		port--;
	if (port > t.at && port[-1] == ':')
		t.end = port - 1;
	if (t.at < t.end && *t.at == '[') {
		char address[INET6_ADDRSTRLEN] = "";
		struct in6_addr any;
		size_t n = (size_t)(t.end - t.at) - 1;
		if (t.end[-1] != ']' || n > sizeof address)
			return false;
		memcpy(address, t.at + 1, n - 1);
		return strspn(address, "0123456789abcdefABCDEF:.") == n - 1 && inet_pton(AF_INET6, address, &any) == 1;
	}
	for (const char *p = t.at; p < t.end; p++) {
		if (*p == '%') {
			if (t.end - p < 3 || !isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2]))
				return false;
		} else if (*p == 0 || (!isalnum((unsigned char)*p) && !strchr("-._~!$&'()*+,;=", *p))) {
			return false;
		}
	}
	return true;
}

// unescape writes the path with escapes such as %61 replaced by their bytes; false when a % is not followed by two
// hexadecimal digits.
static inline bool unescape(struct text path, struct buffer *plain) {
	for (const char *p = path.at; p < path.end; p++) {
		char c = *p;
		if (c == '%') {
			if (path.end - p < 3 || !isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2]))
				return false;
			c = (char)strtol((char[]){p[1], p[2], 0}, NULL, 16);
			p += 2;
		}
		buffer_add(plain, &c, 1);
	}
	return true;
}

// parse_burn reads "ms=200", 1 to 2000; anything else is 0.
static inline int parse_burn(struct text query) {
	if (query.end - query.at < 4 || query.end - query.at > 7 || memcmp(query.at, "ms=", 3) != 0)
		return 0;
	int ms = 0;
	for (const char *p = query.at + 3; p < query.end; p++) {
		if (*p < '0' || *p > '9')
			return 0;
		ms = 10 * ms + *p - '0';
	}
	return ms <= MAX_BURN ? ms : 0;
}

// parse_target reads the request target in one of three forms (RFC 9112, section 3.2): /path?query; the same after
// http://host; and *, with which OPTIONS asks about the whole server. The fourth, of CONNECT, is for proxies: a server
// without tunnels does not have that method, and answers 501 (RFC 9110, sections 9.1 and 9.3.6).
//
// The scheme must be http. https needs a secured connection, and the bytes here arrive in clear text; for other schemes
// this server is not an origin. Such a request came to the wrong server, which is 421 (sections 7.4, 15.5.20).
static inline int parse_target(struct text target, struct text method, struct buffer *path, struct text *query) {
	int status = 200;
	*query = (struct text){target.end, target.end};
	if (same(method, "CONNECT"))
		return 501;
	if (same(target, "*") && same(method, "OPTIONS")) {
		buffer_add(path, "*", 1);
		return 200;
	}
	for (const char *p = target.at; p < target.end; p++)
		if (is_control(*p))
			return 400;
	if (target.at == target.end || *target.at != '/') {
		const char *name = memmem(target.at, (size_t)(target.end - target.at), "://", 3);
		if (name == NULL || !isalpha((unsigned char)*target.at))
			return 400;
		for (const char *p = target.at; p < name; p++)
			if (!isalnum((unsigned char)*p) && (*p == 0 || !strchr("+-.", *p)))
				return 400;
		struct text host = {name + 3, name + 3};
		while (host.end < target.end && *host.end != '/' && *host.end != '?')
			host.end++;
		if (host.at == host.end || *host.at == ':' || !is_host(host)) // RFC 9110, section 4.2.1
			return 400;
		if (!equal((struct text){target.at, name}, "http"))
			status = 421;
		target.at = host.end;
	}
	struct text raw = target;
	if (cut(&target, '?', &raw))
		*query = target;
	if (raw.at == raw.end)
		buffer_add(path, "/", 1); // RFC 9110, section 4.2.3
	return unescape(raw, path) ? status : 400;
}

// parse_fields reads the lines "Name: value", up to the empty one, and sets the status. It is passed the target's
// status, which counts only if the head is not malformed otherwise, for example by a missing Host. Requests here have
// no body. A request that announces one is refused, in chunks or not, because its bytes would be read as the next
// request: 501, as this server lacks what the request needs (RFC 9110, section 15.6.2). 411 would ask for a
// Content-Length, which would not help.
static inline void parse_fields(struct text rest, bool old, int status, struct request *r) {
	struct text line, name;
	int hosts = 0, lengths = 0, codings = 0;
	bool empty = true;
	r->status = 400;
	while (cut_line(&rest, &line) && line.at < line.end) {
		if (!cut(&line, ':', &name) || !is_token(name))
			return;
		for (const char *p = line.at; p < line.end; p++)
			if (is_control(*p) && *p != '\t')
				return;
		struct text value = trim(line);
		if (equal(name, "host")) {
			hosts++;
			if (!is_host(value))
				return;
		} else if (equal(name, "content-length")) {
			lengths++;
			if (!is_length(value, &empty))
				return;
		} else if (equal(name, "transfer-encoding")) {
			codings++;
			const char *last = value.end;
			while (last > value.at && last[-1] != ',')
				last--;
			if (!equal(trim((struct text){last, value.end}), "chunked")) // section 6.3: the end of the body is unknown
				return;
		} else if (equal(name, "connection") && has_option(value, "close")) {
			r->close = true;
		}
	}
	if (hosts > 1 || (hosts == 0 && !old)) // RFC 9112, section 3.2
		return;
	if (lengths + codings > 1 || (codings > 0 && old)) // sections 6.1 and 6.3: as above
		return;
	r->status = status == 200 && (codings > 0 || !empty) ? 501 : status;
}

// parse_path recognises the paths of the book's servers.
static inline void parse_path(const struct buffer *path, struct text query, struct request *r) {
	struct text plain = {path->bytes, path->bytes + path->len};
	if (same(plain, "/ask")) {
		r->asks = true;
		snprintf(r->question, sizeof r->question, "%.*s\n", (int)(query.end - query.at), query.at);
	} else if (same(plain, "/burn")) {
		r->burns = parse_burn(query);
		r->status = r->burns > 0 ? 200 : 400;
	} else if (!same(plain, "/")) {
		r->status = 404;
	}
}

// parse reads a complete head.
static inline void parse(struct text head, struct request *r) {
	struct text line, method, target, query = {0};
	struct buffer path = {0};
	int status;
	*r = (struct request){.status = 400};
	if (cut_line(&head, &line) && cut(&line, ' ', &method) && is_token(method) && cut(&line, ' ', &target) &&
		line.end - line.at == 8 && memcmp(line.at, "HTTP/", 5) == 0 &&
		isdigit((unsigned char)line.at[5]) && line.at[6] == '.' && isdigit((unsigned char)line.at[7])) {
		bool old = line.at[7] == '0'; // a later 1.x counts as 1.1 (RFC 9110, section 6.2)
		r->close = old;
		r->head_only = same(method, "HEAD");
		if (line.at[5] != '1')
			r->status = 505;
		else if ((status = parse_target(target, method, &path, &query)) != 400)
			parse_fields(head, old, status, r);
		if (r->status == 200)
			parse_path(&path, query, r);
	}
	buffer_free(&path);
	r->close = r->close || (r->status != 200 && r->status != 404);
}

// inbox_add appends bytes that arrived; n is at most READ_SIZE.
static inline void inbox_add(struct inbox *in, const char *arrived, size_t n) {
	if (in->closed)
		return;
	memcpy(in->bytes + in->len, arrived, n);
	in->len += n;
}

static inline void inbox_drop(struct inbox *in, size_t n) {
	in->len -= n;
	memmove(in->bytes, in->bytes + n, in->len);
}

// inbox_next removes the oldest request from the inbox; false while its head is not complete. A malformed or too long
// head is returned as a request whose reply says so and closes the connection. A line feed without its carriage return
// makes a head malformed: RFC 9112, section 2.2, allows a reader to take it for a line end, and two servers that do not
// agree on that see two different heads.
static inline bool inbox_next(struct inbox *in, struct request *r) {
	if (in->closed)
		return false;
	size_t blank = 0; // empty lines before a request are ignored (RFC 9112, 2.2)
	while (blank < in->len && (in->bytes[blank] == '\n' ||
	                           (blank + 1 < in->len && memcmp(in->bytes + blank, "\r\n", 2) == 0)))
		blank++;
	inbox_drop(in, blank);
	size_t end = 0, size = in->len < MAX_HEAD ? in->len : MAX_HEAD;
	for (;;) { // line by line, to the empty one
		const char *line = in->bytes + end, *feed = memchr(line, '\n', size - end);
		if (feed == NULL && in->len < MAX_HEAD)
			return false;
		if (feed == NULL || feed == line || feed[-1] != '\r') {
			*r = (struct request){.status = feed == NULL ? 431 : 400, .close = true};
			break;
		}
		end += (size_t)(feed - line) + 1;
		if (feed == line + 1) {
			parse((struct text){in->bytes, in->bytes + end}, r);
			inbox_drop(in, end);
			break;
		}
	}
	in->closed = r->close;
	return true;
}

#endif
