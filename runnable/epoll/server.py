"""The epoll server: the list of what is waited for stays in the kernel.

The program reports only changes to it, and receives only events, so a thousand silent connections cost a round nothing.
The module selectors uses epoll on Linux, and kqueue on macOS and BSD.
"""

import selectors
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit/python"))
import job
import machine


def main():
    addr, backend = job.flags()
    listener = job.listen(addr)
    listener.setblocking(False)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    full = False  # no descriptor was free for the last client
    while True:
        ready = selector.select(0.010 if full else None)  # the one call that waits
        if full:
            selector.register(listener, selectors.EVENT_READ)
            full = False
        for key, _ in ready:
            if key.data:
                step(selector, key.data)
                continue
            try:
                client, _ = listener.accept()
                c = machine.Conn(client, backend)
            except BlockingIOError:  # EAGAIN: it left between the wait and accept
                pass
            except OSError as error:
                if job.no_room(error):  # EMFILE: no descriptor is free
                    full = True  # the listener stays ready: ignore it until another event, or 10 ms
                    selector.unregister(listener)
                else:
                    job.log(f"accept: {error}")
            else:
                watch(selector, c)


def step(selector, c):
    """Continue the connection's job, and tell the kernel if it now waits for something else."""
    before = c.waits()
    c.step()
    if c.waits() == before:
        return  # the usual case: no system call is made
    sock, _ = before
    selector.unregister(sock)  # the step may have closed it: then the kernel has forgotten it already
    watch(selector, c)


def watch(selector, c):
    """Tell the kernel what the connection waits for. The selector hands c back with the event."""
    if not c.gone():
        sock, write = c.waits()
        try:
            selector.register(sock, selectors.EVENT_WRITE if write else selectors.EVENT_READ, c)
        except OSError as error:
            job.log(f"register: {error}")  # ENOSPC or ENOMEM: the kernel's list is full. Only this client is lost
            c.close()


if __name__ == "__main__":
    main()
