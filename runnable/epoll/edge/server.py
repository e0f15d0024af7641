"""The epoll server with an edge: the kernel reports a change once, and does not report again that bytes are left.

A socket is registered once, for both directions, until it is closed. In return the program must know by itself which
connections are ready: those that have not had EAGAIN since their last event. The module selectors has level-triggered
epoll only; this is Linux's epoll itself, which returns descriptors and nothing else.
"""

import math
import select
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kit/python"))
import job
import machine

# How many steps of a connection make its turn (a step is one recv), and whether a connection that may have more has
# another turn without an event.
WAYS = {
    "once": (1, False),  # a mistake: the bytes left unread are never reported
    "drain": (math.inf, True),  # a mistake: until EAGAIN, so a client that never stops sending starves the others
    "fair": (2, True),  # the remedy: until EAGAIN, but in turns
}


def main():
    addr, backend, way = job.flags(edge=WAYS)
    most, queue = WAYS[way or "fair"]
    if not hasattr(select, "epoll"):
        sys.exit("epoll is Linux's own")
    listener = job.listen(addr)
    listener.setblocking(False)
    selector = select.epoll()
    selector.register(listener, select.EPOLLIN | select.EPOLLET)
    registered = {}  # connections by descriptor; a closed one stays until its number is used again
    ready = []  # those that may have more, in turn
    accepting = False  # the same for the listener
    while True:
        # If some are ready, only look which others are. If a client waits and no descriptor is free, try again soon.
        for fd, _ in selector.poll(0 if ready else 0.010 if accepting else None):
            if fd == listener.fileno():
                accepting = True
            elif registered[fd].dry:
                registered[fd].dry = False
                ready.append(registered[fd])

        turn, ready = ready, []
        for c in turn:
            n = 0
            while n < most and not c.dry and not c.gone():
                before, _ = c.waits()
                c.step()
                n += 1
                sock, _ = c.waits()
                if c.state is machine.State.ASKING and sock is not before:
                    watch(selector, registered, sock, c)
            if not c.dry and not c.gone():
                if queue:
                    ready.append(c)  # its turn is over, and it may have more
                else:
                    c.dry = True  # assumed, not known

        while accepting:
            try:
                client, _ = listener.accept()
                c = machine.Conn(client, backend)
            except BlockingIOError:  # EAGAIN
                accepting = False
            except OSError as error:
                if not job.no_room(error):
                    job.log(f"accept: {error}")
                break  # try again after the next wait
            else:
                c.dry = True  # its first event comes at once, for there is room to write
                watch(selector, registered, client, c)


def watch(selector, registered, sock, c):
    """Register a socket of the connection, for as long as it is open."""
    registered[sock.fileno()] = c
    try:
        selector.register(sock, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
    except OSError as error:
        job.log(f"register: {error}")  # only this client is lost
        c.close()


if __name__ == "__main__":
    main()
