"""The callback server: a reactor. Nothing here waits, and nothing returns its result.

Each function receives a callback to call with the result, and returns at once; asyncio's event loop, the bare one,
without tasks and await, calls back. Three steps that were three lines are three functions inside one another, and their
closures hold the handler's state.
"""

import asyncio
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit/python"))
import http1
import job

loop = asyncio.new_event_loop()


def main():
    addr, backend = job.flags()
    listener = job.listen(addr)
    listener.setblocking(False)
    serve(listener, backend)
    loop.run_forever()


def serve(listener, backend):
    """Accept a client whenever one is there."""

    def readable():
        try:
            conn, _ = listener.accept()
            conn.setblocking(False)  # accept always returns a blocking one
        except BlockingIOError:  # EAGAIN: it left between the wait and accept
            pass
        except OSError as error:
            if job.no_room(error):  # EMFILE: no descriptor is free
                loop.remove_reader(listener)  # it stays readable, so the loop would not sleep: ignore it for a while
                loop.call_later(0.01, serve, listener, backend)
            else:
                job.log(f"accept: {error}")
        else:
            handle(conn, backend, http1.Inbox())

    try:
        loop.add_reader(listener, readable)
    except OSError as error:
        sys.exit(f"add_reader: {error}")  # no client would ever come in


def handle(conn, backend, inbox):
    """Read the request, then ask the backend, then write the reply, then do it all again.

    It returns at once: there is no loop here, since there is no place to come back to. Nor is there a try, since
    this function has returned when the loop calls back: errors are passed on by hand.
    """

    def on_request(request, error):
        def on_reply(reply):
            write_all(conn, reply, on_written)

        def on_written(error):
            try:
                if not error and request.close:
                    conn.shutdown(socket.SHUT_WR)  # the client reads our end of file, and we read on until its own
            except OSError as failed:
                error = failed
            if error:
                conn.close()
            else:
                handle(conn, backend, inbox)

        if error:
            conn.close()  # the client is gone, and nothing is left to do
        else:
            answer(request, backend, on_reply)

    read_request(conn, inbox, on_request)


def answer(request, backend, then):
    """Call then with the reply, whether we must ask the backend or not."""

    def on_line(line, error):
        then(request.unanswered() if error else request.answer(line))

    if request.asks:
        ask(backend, request.question, on_line)
    else:
        then(request.reply())


def read_request(conn, inbox, then):
    """Call then when a whole request has arrived."""

    def on_bytes(arrived, error):
        if error:
            then(None, error)
        else:
            inbox.add(arrived)
            read_request(conn, inbox, then)

    request = inbox.next()
    if request:
        # Not now, or a hundred pipelined requests would be a hundred nested calls, and no other client had a turn.
        loop.call_soon(then, request, None)
    else:
        read(conn, 4096, on_bytes)


def ask(backend, question, then):
    """Connect to the backend, send it one line and call then with the line that comes back."""

    def on_connected():
        loop.remove_writer(conn)
        error = conn.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # writable may mean connected, or refused
        if error:
            done(None, OSError(error, "connect"))
        else:
            write_all(conn, question, on_written)

    def on_written(error):
        if error:
            done(None, error)
        else:
            read_line(conn, b"", done)

    def done(line, error):
        conn.close()
        then(line, error)

    try:
        conn = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        then(None, error)
        return
    try:
        conn.setblocking(False)
        conn.connect(backend)
    except BlockingIOError:  # EINPROGRESS
        pass
    except OSError as error:
        done(None, error)
        return
    try:
        loop.add_writer(conn, on_connected)
    except OSError as error:
        done(None, error)


def read_line(conn, line, then):
    def on_bytes(arrived, error):
        if error:
            then(None, error)
        else:
            read_line(conn, line + arrived, then)

    if line.endswith(b"\n"):
        then(line, None)
    else:
        read(conn, 64 << 10, on_bytes)


def read(conn, size, then):
    """Call then when bytes have arrived, or with an error when the peer sends no more."""

    def readable():
        arrived, error = b"", None
        try:
            arrived = conn.recv(size)
        except BlockingIOError:  # EAGAIN
            return  # we are called again
        except OSError as failed:
            error = failed
        loop.remove_reader(conn)  # the next reader may be another function, or none
        if not arrived:
            error = error or ConnectionError("the peer sends no more")
        then(arrived, error)

    try:
        loop.add_reader(conn, readable)
    except OSError as error:  # the kernel has no memory to watch it: this concerns one client
        then(b"", error)


def write_all(conn, data, then):
    """Call then when the kernel has taken all of it: now, if there is room, which is the usual case."""

    def writable():
        loop.remove_writer(conn)
        write_all(conn, data[sent:], then)

    sent = 0
    try:
        sent = conn.send(data)
    except BlockingIOError:  # EAGAIN
        pass
    except OSError as error:
        then(error)
        return
    if sent == len(data):
        then(None)
        return
    try:
        loop.add_writer(conn, writable)
    except OSError as error:
        then(error)


if __name__ == "__main__":
    main()
