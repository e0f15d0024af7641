"""The blocking server: one thread, one connection at a time.

Every call waits until it is done, so the program reads like the job itself. A client that comes meanwhile waits too.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit/python"))
import job


def main():
    addr, backend = job.flags()
    listener = job.listen(addr)
    while True:
        try:
            conn, _ = listener.accept()  # waits for a client
        except OSError as error:
            job.log(f"accept: {error}")  # one client is lost: perhaps it left while it waited. Carry on with the next
            if job.no_room(error):
                time.sleep(0.010)  # no client is lost: it stays in the queue, and accept would fail again at once
            continue
        job.handle(conn, backend)  # no client is accepted until this one leaves


if __name__ == "__main__":
    main()
