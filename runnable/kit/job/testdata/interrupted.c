//go:build ignore

// A signal that arrives while connect waits ends the wait but not the connecting. The listener's queue is full, so the
// connection is made only after a client was accepted, which the signal's handler does.
#include "../../c/job.h"

#include <sys/time.h>

static int listener;
static volatile sig_atomic_t signals;

static void make_room(int signal) {
	(void)signal;
	signals++;
	close(accept(listener, NULL, NULL));
}

int main(void) {
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof addr;
	listener = tcp_socket();
	if (bind(listener, (struct sockaddr *)&addr, sizeof addr) == -1 || listen(listener, 0) == -1)
		fail("listen");
	getsockname(listener, (struct sockaddr *)&addr, &size);
	if (connect(tcp_socket(), (struct sockaddr *)&addr, sizeof addr) == -1) // this one fills the queue
		fail("connect");
	sigaction(SIGALRM, &(struct sigaction){.sa_handler = make_room}, NULL); // no SA_RESTART: calls end with EINTR
	setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 100 * 1000}, NULL);
	bool made = connect_to(tcp_socket(), addr);
	printf("%d signals, made %d\n", (int)signals, made);
	return made && signals > 0 ? 0 : 1;
}
