"""The poll server: the select server with a list in place of the bitmaps.

A list has no highest descriptor: any number may be in it. The kernel still reads all of it, every round.
"""

import select
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kit/python"))
import job
import machine


def main():
    addr, backend = job.flags()
    listener = job.listen(addr)
    listener.setblocking(False)
    conns = []
    full = False  # no descriptor was free for the last client
    while True:
        # Python makes the kernel's list from this object at every call. The object lives for one round.
        poller = select.poll()
        if not full:
            poller.register(listener, select.POLLIN)
        for c in conns:
            sock, write = c.waits()
            poller.register(sock, select.POLLOUT if write else select.POLLIN)

        # The one call that waits; errors and hang-ups are always reported.
        ready = {fd for fd, _ in poller.poll(10 if full else None)}
        full = False

        for c in conns:
            sock, _ = c.waits()
            if sock.fileno() in ready:
                c.step()
        if listener.fileno() in ready:
            try:
                client, _ = listener.accept()
                conns.append(machine.Conn(client, backend))
            except BlockingIOError:  # EAGAIN: it left between poll and accept
                pass
            except OSError as error:
                if job.no_room(error):  # EMFILE: no descriptor is free
                    full = True  # the listener stays ready, so poll would not sleep: wait for the others, or 10 ms
                else:
                    job.log(f"accept: {error}")
        conns = [c for c in conns if not c.gone()]


if __name__ == "__main__":
    main()
