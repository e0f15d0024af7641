"""The epoll server: the list of what is waited for stays in the kernel.

The program tells it only what changes, and is told only what happened, so a thousand silent connections cost a round
nothing. The module selectors takes epoll on Linux, and kqueue on macOS and BSD.
"""

import errno
import os
import selectors
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit", "python"))  # where job is
import edge
import job
import machine


def main():
    addr, backend, how = job.flags(edge=edge.WAYS)
    listener = job.listen(addr)
    listener.setblocking(False)
    if how:
        edge.serve(how, listener, backend)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    full = False  # no descriptor was free for the last client
    while True:
        ready = selector.select()  # the one call that waits
        if full:
            selector.register(listener, selectors.EVENT_READ)
            full = False
        for key, _ in ready:
            if key.fileobj is not listener:
                step(selector, key)
                continue
            try:
                client, _ = listener.accept()
                watch(selector, machine.Conn(client, backend))
            except BlockingIOError:  # EAGAIN: it left between the wait and accept
                pass
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    full = True  # the listener stays ready, so we would not sleep: until something else happens, look away
                    selector.unregister(listener)
                else:
                    job.log(f"accept: {error}")


def step(selector, key):
    """Go on with the connection that waited, and tell the kernel if it now waits for something else."""
    c = key.data
    before = c.waits()
    c.step()
    if c.waits() == before and not c.gone():
        return  # as nearly always, and then no call is made
    selector.unregister(key.fileobj)  # the step may have closed it: then the kernel has forgotten it already
    watch(selector, c)


def watch(selector, c):
    if not c.gone():
        sock, write = c.waits()
        selector.register(sock, selectors.EVENT_WRITE if write else selectors.EVENT_READ, c)


main()
