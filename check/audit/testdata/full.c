//go:build ignore

// A library to be preloaded: now and then, the kernel's list has no room for one more descriptor.
#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event) {
	static int calls;
	if (op == EPOLL_CTL_ADD && ++calls > 3 && calls % 5 == 0) {
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_epoll_ctl, epfd, op, fd, event);
}
