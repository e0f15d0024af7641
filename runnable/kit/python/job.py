"""The parts that all servers of the book start with, and the handler of the blocking ones."""

import argparse
import errno
import re
import signal
import socket
import sys
import traceback

import http1


def flags(**choices):
    """Read the two flags that every server takes: -addr, where it listens, and -backend, which it asks.

    More flags are passed by name, with their allowed values; one that is not set is None.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends the program at once, without a traceback
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("-addr", "--addr", type=_address, default="127.0.0.1:8080", metavar="ADDRESS",
                        help="address to listen on; port 0 takes any free port (default %(default)s)")
    parser.add_argument("-backend", "--backend", type=_address, default="127.0.0.1:8081", metavar="ADDRESS",
                        help="address of the backend that /ask asks (default %(default)s)")
    for name, values in choices.items():
        parser.add_argument(f"-{name}", f"--{name}", choices=values)
    args, others = parser.parse_known_args()
    if others:
        parser.error(f'unexpected argument "{others[0]}"')
    return args.addr, args.backend, *(getattr(args, name) for name in choices)


def _address(text):
    """Read "127.0.0.1:8080" or "localhost:8080". Other names are errors: a lookup would block."""
    host, _, port = text.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host
    try:
        socket.inet_pton(socket.AF_INET, host)
    except OSError:
        port = ""
    if not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r}: want an IPv4 address and a port, as in 127.0.0.1:8080")
    return host, int(port)


def log(text, error=None):
    """Write a line to standard error, and an error's traceback below it."""
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__)) if error else ""
    print(f"{text}\n{trace}", end="", file=sys.stderr, flush=True)


def listen(addr):
    """Open a listening socket and print its address on standard output."""
    try:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # allow a restart on the same port at once
        listener.bind(addr)
        # From here on the kernel completes connections by itself, and keeps up to 128 of them until we accept.
        listener.listen(128)
    except OSError as error:
        sys.exit("listen on %s:%d: %s" % (*addr, error))
    # With port 0, only the kernel knows which port it took.
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    return listener


def no_room(error):
    """Report whether a call failed because the system has no descriptor, memory or watch left.

    After accept, the client stays in the queue: accept would fail again at once, so wait first. (epoll_ctl: ENOSPC.)
    """
    return error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ENOSPC)


def handle(conn, backend):
    """Serve one connection until the client leaves: read the request, ask the backend, write the reply.

    Each step waits until it is done, and the thread with it. The connection's state needs no variable: it is the
    line that waits.
    """
    with conn:
        try:
            inbox = http1.Inbox()
            while True:
                request = read_request(conn, inbox)
                reply = request.reply()
                if request.asks:
                    try:
                        reply = request.answer(ask(backend, request.question))
                    except OSError:
                        reply = request.unanswered()
                conn.sendall(reply)  # here a client that does not read holds us
                if request.close:
                    conn.shutdown(socket.SHUT_WR)  # the client reads our end of file; we read until the client's own
        except OSError:
            pass  # the client is gone, and with it the work for it


def read_request(conn, inbox):
    """Wait until a whole request has arrived.

    TCP carries a stream of bytes: one recv may return half a request, or three.
    """
    while True:
        request = inbox.next()
        if request:
            return request
        arrived = conn.recv(4096)  # here a slow client holds us
        if not arrived:
            raise ConnectionError("the client sends no more")
        inbox.add(arrived)


def ask(backend, question):
    """Connect to the backend, send it one line and wait for its answer, also one line."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as conn:
        conn.connect(backend)
        conn.sendall(question)
        line = b""
        while not line.endswith(b"\n"):
            arrived = conn.recv(64 << 10)  # here a slow backend holds us
            if not arrived:
                raise ConnectionError("the backend sends no more")
            line += arrived
        return line
