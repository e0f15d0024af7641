"""The coroutine server: a generator stops in the middle, yields what it waits for, and goes on there later (PEP 342).

So the handler is three steps again, as in the blocking server, and a small scheduler does the waiting for all. Only the
generator itself can yield: to call a generator that may wait, it writes `yield from`, which passes the yields on
(PEP 380).
"""

import selectors
import socket
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit/python"))
import http1
import job


def main():
    addr, backend = job.flags()
    listener = job.listen(addr)
    listener.setblocking(False)
    scheduler = Scheduler()
    scheduler.start(serve(scheduler, listener, backend))
    scheduler.run()


def serve(scheduler, listener, backend):
    """Accept clients and start a coroutine for each."""
    while True:
        try:
            yield listener, selectors.EVENT_READ
            conn, _ = listener.accept()
            conn.setblocking(False)  # accept always returns a blocking one
        except BlockingIOError:  # EAGAIN: it left between the wait and accept
            continue
        except OSError as error:
            if not job.no_room(error):  # EMFILE: no descriptor is free
                job.log(f"accept: {error}")
            yield ANYTHING  # the listener may stay readable, and we would not sleep: wait for another event first
        else:
            scheduler.start(handle(conn, backend))


def handle(conn, backend):
    """Serve one connection until the client leaves: read the request, ask the backend, write the reply."""
    with conn:
        try:
            inbox = http1.Inbox()
            while True:
                request = yield from read_request(conn, inbox)
                reply = request.reply()
                if request.asks:
                    try:
                        line = yield from ask(backend, request.question)
                        reply = request.answer(line)
                    except OSError:
                        reply = request.unanswered()
                yield from send_all(conn, reply)  # a client that does not read holds this coroutine only
                if request.close:
                    conn.shutdown(socket.SHUT_WR)  # the client reads our end of file, and we read on until its own
        except OSError:
            pass  # the client is gone, and nothing is left to do


def read_request(conn, inbox):
    """Wait until a whole request has arrived."""
    while True:
        request = inbox.next()
        if request:
            return request
        arrived = yield from recv(conn, 4096)  # a slow client holds this coroutine only
        if not arrived:
            raise ConnectionError("the client sends no more")
        inbox.add(arrived)


def ask(backend, question):
    """Connect to the backend, send it one line and wait for the line that comes back."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as conn:
        conn.setblocking(False)
        yield from connect(conn, backend)
        yield from send_all(conn, question)
        line = b""
        while not line.endswith(b"\n"):
            arrived = yield from recv(conn, 64 << 10)  # a slow backend holds this coroutine only
            if not arrived:
                raise ConnectionError("the backend sends no more")
            line += arrived
        return line


# The calls of the blocking server, for non-blocking sockets: each yields where it would have to wait, and is resumed
# when the socket is ready.


def recv(conn, size):
    while True:
        yield conn, selectors.EVENT_READ
        try:
            return conn.recv(size)
        except BlockingIOError:  # EAGAIN
            pass


def send_all(conn, data):
    while data:
        try:
            data = data[conn.send(data):]  # there is nearly always room: try first, and wait only on EAGAIN
        except BlockingIOError:  # EAGAIN
            yield conn, selectors.EVENT_WRITE


def connect(conn, address):
    try:
        conn.connect(address)
    except BlockingIOError:  # EINPROGRESS
        yield conn, selectors.EVENT_WRITE
        # Writable may mean connected, or refused: the socket's pending error tells which.
        error = conn.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, "connect")


ANYTHING = None  # what a coroutine yields to wait for the next event of any kind, or for 10 ms


class Scheduler:
    """Resumes each coroutine when what it waits for has happened."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self._others = []  # coroutines that wait for anything

    def start(self, coroutine):
        """Begin a coroutine: run it to its first yield."""
        self.resume(coroutine)

    def resume(self, coroutine, error=None):
        """Run the coroutine until it yields what it waits for next, or ends. An error is raised in it."""
        try:
            wait = coroutine.throw(error) if error else next(coroutine)
        except StopIteration:
            return
        except Exception:  # a bug: only this coroutine's client is lost
            job.log(traceback.format_exc())
            return
        if wait is ANYTHING:
            self._others.append(coroutine)
            return
        sock, event = wait
        try:
            self._selector.register(sock, event, coroutine)
        except OSError as failed:  # ENOSPC or ENOMEM: nothing would ever resume it, so it receives the error
            self.resume(coroutine, failed)

    def run(self):
        while True:
            # The one call that waits. A coroutine that waits for anything may be the only one: it tries again soon.
            ready = self._selector.select(0.010 if self._others else None)
            others, self._others = self._others, []
            for key, _ in ready:
                self._selector.unregister(key.fileobj)
                self.resume(key.data)
            for coroutine in others:
                self.resume(coroutine)


if __name__ == "__main__":
    main()
