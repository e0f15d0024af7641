// The part of the job that is the same in every server and not the point of any: HTTP/1.1 without input and output. A
// server feeds it the bytes that arrived and asks for the next request; a request knows what to ask the backend and how
// to word its reply. http1.go and http1.py are the same for Go and Python.
//
// C's standard library cannot parse a head, so a small strict parser stands here (RFC 9112, RFC 9110).
#ifndef ERA_HTTP1_H
#define ERA_HTTP1_H

#define _GNU_SOURCE // memmem
#include <ctype.h>
#include <stdbool.h>
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

// buffer is a row of bytes that grows.
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
// complete, so at most MAX_HEAD bytes wait when READ_SIZE more arrive.
struct inbox {
	char bytes[MAX_HEAD + READ_SIZE];
	size_t len;
	bool closed; // the last request has been handed out: what follows is thrown away
};

// request is what a server needs to know of a request.
struct request {
	bool asks;               // the backend must be asked before the reply
	char question[MAX_HEAD]; // the line for the backend, ended by a zero
	bool close;              // the connection ends after the reply

	int status;
	bool head_only; // HEAD: the reply has no body
	int burns;      // milliseconds that making the reply computes
};

static inline const char *status_text(int status) {
	switch (status) {
	case 200: return "OK";
	case 400: return "Bad Request";
	case 404: return "Not Found";
	case 431: return "Request Header Fields Too Large";
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

// burn computes, in that it looks at the clock, until so many milliseconds have passed. It makes no call that waits.
static inline void burn(int ms) {
	struct timespec began, now;
	clock_gettime(CLOCK_MONOTONIC, &began);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - began.tv_sec) * 1000000000LL + now.tv_nsec - began.tv_nsec < ms * 1000000LL);
}

// request_reply is the reply's bytes, for a request that does not ask. The caller frees all three. The one to /burn
// takes its time to make: it stands for all that computes in a handler, a picture or a report say.
static inline struct buffer request_reply(const struct request *r) {
	if (r->burns > 0) {
		char body[32];
		int n = snprintf(body, sizeof body, "burned %d ms\n", r->burns);
		burn(r->burns);
		return make_reply(r, 200, body, (size_t)n);
	}
	return r->status == 200 ? make_reply(r, 200, "hello\n", 6) : make_status_reply(r, r->status);
}

// request_answer is the reply's bytes, for a request that asks, from the backend's line.
static inline struct buffer request_answer(const struct request *r, const struct buffer *line) {
	return make_reply(r, 200, line->bytes, line->len);
}

// request_unanswered is the reply's bytes when the backend could not be asked.
static inline struct buffer request_unanswered(const struct request *r) { return make_status_reply(r, 502); }

// text is a part of the head: from a byte to the one behind its last.
struct text {
	const char *at, *end;
};

static inline bool is_token_byte(char c) { return c != 0 && (isalnum((unsigned char)c) || strchr("!#$%&'*+-.^_`|~", c)); }
static inline bool is_control(char c) { return (unsigned char)c < ' ' || c == 127; }

static inline bool equal(struct text t, const char *word) {
	return (size_t)(t.end - t.at) == strlen(word) && strncasecmp(t.at, word, strlen(word)) == 0;
}

// cut takes what stands before the first c off rest; false when there is no c.
static inline bool cut(struct text *rest, char c, struct text *before) {
	const char *found = memchr(rest->at, c, (size_t)(rest->end - rest->at));
	if (found == NULL)
		return false;
	*before = (struct text){rest->at, found};
	rest->at = found + 1;
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

static inline bool is_zero(struct text t) {
	for (const char *p = t.at; p < t.end; p++)
		if (*p != '0')
			return false;
	return t.at < t.end;
}

// unescape writes the path with %61 turned into a; false when a % is not followed by two hexadecimal digits.
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

// parse_target reads "/ask?delay=5", and "http://name/ask?delay=5", whose name means nothing here.
static inline bool parse_target(struct text target, struct request *r) {
	for (const char *p = target.at; p < target.end; p++)
		if (is_control(*p))
			return false;
	struct text path = target, query = {target.end, target.end};
	if (cut(&target, '?', &path))
		query = target;
	const char *name = memmem(path.at, (size_t)(path.end - path.at), "://", 3);
	if (name != NULL && isalpha((unsigned char)*path.at)) {
		for (const char *p = path.at; p < name; p++)
			if (!isalnum((unsigned char)*p) && !strchr("+-.", *p))
				return false;
		path.at = memchr(name + 3, '/', (size_t)(path.end - name - 3));
	}
	if (path.at == NULL || path.at == path.end || (*path.at != '/' && !equal(path, "*")))
		return false;
	struct buffer plain = {0};
	bool good = unescape(path, &plain);
	if (plain.len == 4 && memcmp(plain.bytes, "/ask", 4) == 0) {
		r->asks = true;
		snprintf(r->question, sizeof r->question, "%.*s\n", (int)(query.end - query.at), query.at);
	} else if (plain.len == 5 && memcmp(plain.bytes, "/burn", 5) == 0) {
		r->burns = parse_burn(query);
		good = r->burns > 0;
	} else if (plain.len != 1 || *plain.bytes != '/') {
		r->status = 404;
	}
	buffer_free(&plain);
	return good;
}

// parse_fields reads the lines "Name: value", up to the empty one. There is no body in this book: a request that
// announces one is refused, because its bytes would be taken for the next request.
static inline bool parse_fields(struct text rest, struct request *r) {
	struct text line, name;
	int hosts = 0;
	while (cut(&rest, '\r', &line) && rest.at < rest.end && *rest.at++ == '\n') {
		if (line.at == line.end)
			return hosts <= 1;
		if (!cut(&line, ':', &name) || !is_token(name))
			return false;
		for (const char *p = line.at; p < line.end; p++)
			if (is_control(*p) && *p != '\t')
				return false;
		struct text value = trim(line);
		if (equal(name, "transfer-encoding") || (equal(name, "content-length") && !is_zero(value)))
			return false;
		if (equal(name, "connection") && has_option(value, "close"))
			r->close = true;
		if (equal(name, "host"))
			hosts++;
	}
	return false;
}

// parse reads a complete head.
static inline void parse(struct text head, struct request *r) {
	struct text method, target, version;
	*r = (struct request){.status = 200};
	if (cut(&head, ' ', &method) && is_token(method) && cut(&head, ' ', &target) && parse_target(target, r) &&
		cut(&head, '\r', &version) && version.end - version.at == 8 && memcmp(version.at, "HTTP/", 5) == 0 &&
		isdigit((unsigned char)version.at[5]) && version.at[6] == '.' && isdigit((unsigned char)version.at[7]) &&
		*head.at++ == '\n' && parse_fields(head, r)) {
		r->head_only = method.end - method.at == 4 && memcmp(method.at, "HEAD", 4) == 0;
		r->close = r->close || memcmp(version.at + 5, "1.1", 3) < 0;
		return;
	}
	*r = (struct request){.status = 400, .close = true};
}

// inbox_add puts bytes that arrived behind those that wait; n is at most READ_SIZE.
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

// inbox_next cuts the oldest request off the inbox; false while its head is not complete. A head that is malformed or
// too long comes out as a request whose reply says so, and which closes the connection.
static inline bool inbox_next(struct inbox *in, struct request *r) {
	if (in->closed)
		return false;
	size_t blank = 0; // empty lines before a request do no harm (RFC 9112, 2.2)
	while (blank < in->len && (in->bytes[blank] == '\r' || in->bytes[blank] == '\n'))
		blank++;
	inbox_drop(in, blank);
	const char *found = memmem(in->bytes, in->len, "\r\n\r\n", 4);
	size_t end = found == NULL ? in->len : (size_t)(found - in->bytes) + 4;
	if (found != NULL && end <= MAX_HEAD) {
		parse((struct text){in->bytes, in->bytes + end}, r);
		inbox_drop(in, end);
	} else if (end >= MAX_HEAD) {
		*r = (struct request){.status = 431, .close = true};
	} else {
		return false;
	}
	in->closed = r->close;
	return true;
}

#endif
