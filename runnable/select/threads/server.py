"""The article's second listing, corrected: select waits for clients, and a thread serves each.

The article put every connection into select's set and gave it to a thread as well, non-blocking, so that two owners
fought over one descriptor. Here each descriptor has one owner: the listener belongs to select, a connection to its
thread.
"""

import select
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kit/python"))
import job


def main():
    addr, backend = job.flags()
    listener = job.listen(addr)
    listener.setblocking(False)  # a client that select has seen may be gone before accept, which must not wait then
    while True:
        readable, _, _ = select.select([listener], [], [], 1.0)
        if not readable:
            continue  # a quiet second: the place for a program's other duties, and the only use of select here
        try:
            conn, _ = listener.accept()
        except BlockingIOError:  # EAGAIN
            continue
        except OSError as error:
            job.log(f"accept: {error}")
            if job.no_room(error):
                time.sleep(0.010)  # the listener stays readable, so select would not wait
            continue
        conn.setblocking(True)  # on Linux it is blocking already; on BSD it is what its listener is
        try:
            threading.Thread(target=job.handle, args=(conn, backend), daemon=True).start()
        except RuntimeError as error:  # the system gives us no more threads
            job.log(f"thread: {error}")
            conn.close()


if __name__ == "__main__":
    main()
