"""The epoll server with an edge: the kernel says once that something has changed, and not again that something is left.

A socket is registered once, for both directions, until it is closed. In return the program must know by itself who is
ready: whoever has not been told EAGAIN since. The module selectors has the level only; this is Linux's epoll itself.
"""

import math
import select
import sys

import job
import machine

# How many steps of a connection make its turn (a step is one recv), and whether who may have more comes again.
WAYS = {
    "once": (1, False),  # a mistake: of what is left unread nobody will ever say a word
    "drain": (math.inf, True),  # a mistake: until EAGAIN, and one who never stops talking has us for himself
    "fair": (2, True),  # the cure: until EAGAIN, but in turns
}


def serve(how, listener, backend):
    """Serve for ever."""
    most, queue = WAYS[how]
    if not hasattr(select, "epoll"):
        sys.exit("-edge: epoll is Linux's own")
    selector = select.epoll()
    selector.register(listener, select.EPOLLIN | select.EPOLLET)
    conns = {}  # by descriptor; that of a closed one stays until the number is used again

    def watch(fd, c):
        conns[fd] = c
        try:
            selector.register(fd, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
        except OSError as error:
            job.log(f"register: {error}")  # this client is lost, and no other
            c.close()

    ready = []  # who may have more, in turn
    accepting = False  # the same for the listener
    while True:
        # Who is not through goes on soon: then only look who else is ready. With a client at the door and no descriptor free,
        # try again soon.
        for fd, _ in selector.poll(0 if ready else 0.010 if accepting else None):
            if fd == listener.fileno():
                accepting = True
            elif conns[fd].dry:
                conns[fd].dry = False
                ready.append(conns[fd])

        turn, ready = ready, []
        for c in turn:
            n = 0
            while n < most and not c.dry and not c.gone():
                before, _ = c.waits()
                c.step()
                n += 1
                sock, _ = c.waits()
                if c.state is machine.State.ASKING and sock is not before:
                    watch(sock.fileno(), c)
            if not c.dry and not c.gone():
                if queue:
                    ready.append(c)  # it had its turn, and is not through
                else:
                    c.dry = True  # believed, not known

        while accepting:
            try:
                client, _ = listener.accept()
                c = machine.Conn(client, backend)
            except BlockingIOError:  # EAGAIN
                accepting = False
            except OSError as error:
                if not job.no_room(error):
                    job.log(f"accept: {error}")
                break  # once more when something else has happened
            else:
                c.dry = True  # its first event comes at once, for there is room to write
                watch(client.fileno(), c)
