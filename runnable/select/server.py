"""The select server: one thread, many connections.

The program tells the kernel what each connection waits for, and sleeps until one of them is ready.
"""

import select
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit/python"))
import job
import machine


def main():
    addr, backend = job.flags()
    listener = job.listen(addr)
    listener.setblocking(False)
    conns = []
    full = False  # no descriptor was free for the last client
    while True:
        readable = [] if full else [listener]
        writable = []
        for c in conns:
            sock, write = c.waits()
            if write:
                writable.append(sock)
            else:
                readable.append(sock)

        # The one call that waits. Python makes the kernel's sets from our lists, and lists of what is ready from them.
        readable, writable, _ = select.select(readable, writable, [], 0.010 if full else None)
        ready = {*readable, *writable}
        full = False

        for c in conns:
            sock, _ = c.waits()  # as it was before select: only its own step changes it
            if sock in ready:
                c.step()
        if listener in ready:
            try:
                client, _ = listener.accept()
                conns.append(machine.Conn(client, backend))
            except BlockingIOError:  # EAGAIN: it left between select and accept
                pass
            except OSError as error:
                if job.no_room(error):  # EMFILE: no descriptor is free
                    full = True  # the listener stays ready, so select would not sleep: wait for the others, or 10 ms
                else:
                    job.log(f"accept: {error}")
        conns = [c for c in conns if not c.gone()]


if __name__ == "__main__":
    main()
