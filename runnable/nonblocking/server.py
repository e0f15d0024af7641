"""The non-blocking server that polls: no call ever waits, so one thread can serve all connections.

But the kernel does not report which of them has something, so the server asks all of them, again and again, as fast as
it can.
"""

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
    while True:
        try:
            client, _ = listener.accept()
            conns.append(machine.Conn(client, backend))
        except BlockingIOError:  # EAGAIN: no client waits; the next round tries again
            pass
        except OSError as error:
            if not job.no_room(error):  # no descriptor is free: the next round tries again
                job.log(f"accept: {error}")
        for c in conns:
            c.step()  # most of these calls find nothing
        conns = [c for c in conns if not c.gone()]


if __name__ == "__main__":
    main()
