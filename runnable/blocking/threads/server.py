"""The server with a thread per connection: the blocking server's own handler, on a thread for each client.

A thread that waits holds up no other client. Python's threads are threads of the operating system; one runs Python code
at a time, and a thread that waits in a call lets the others run.
"""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kit/python"))
import job


def main():
    addr, backend = job.flags()
    listener = job.listen(addr)
    while True:
        try:
            conn, _ = listener.accept()
        except OSError as error:
            job.log(f"accept: {error}")
            if job.no_room(error):
                time.sleep(0.010)  # EMFILE: no descriptor is free. Let a client leave before we try again
            continue
        try:
            threading.Thread(target=job.handle, args=(conn, backend), daemon=True).start()
        except RuntimeError as error:  # the system gives us no more threads
            job.log(f"thread: {error}")
            conn.close()


if __name__ == "__main__":
    main()
