"""The async/await server: the article's third listing. The blocking server's three steps again, line by line.

An await is a place where the task may be parked and others have a turn. Between two awaits no other task runs, so there
is nothing to lock.
"""

import asyncio
import socket
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit/python"))
import http1
import job


async def main(addr, backend):
    listener = job.listen(addr)
    listener.setblocking(False)
    loop = asyncio.get_running_loop()
    tasks = set()  # the loop has only weak references to tasks: without this set, a task may be collected
    while True:
        try:
            conn, _ = await loop.sock_accept(listener)  # the connection is non-blocking
        except OSError as error:
            job.log(f"accept: {error}")
            await asyncio.sleep(0.01)  # perhaps no descriptor is free: let others leave before we try again
            continue
        task = loop.create_task(handle(loop, conn, backend))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def handle(loop, conn, backend):
    """Serve one connection until the client leaves: read the request, ask the backend, write the reply."""
    with conn:
        try:
            inbox = http1.Inbox()
            while True:
                request = await read_request(loop, conn, inbox)
                reply = request.reply()
                if request.asks:
                    try:
                        reply = request.answer(await ask(loop, backend, request.question))
                    except OSError:
                        reply = request.unanswered()
                await loop.sock_sendall(conn, reply)  # a client that does not read holds this task only
                if request.close:
                    conn.shutdown(socket.SHUT_WR)  # the client reads our end of file, and we read on until its own
        except OSError:
            pass  # the client is gone, and nothing is left to do
        except Exception:
            traceback.print_exc()  # a bug: log it now, for no task awaits this one. Only this client is lost


async def read_request(loop, conn, inbox):
    """Wait until a whole request has arrived."""
    while True:
        request = inbox.next()
        if request:
            return request
        arrived = await loop.sock_recv(conn, 4096)  # a slow client holds this task only
        if not arrived:
            raise ConnectionError("the client sends no more")
        inbox.add(arrived)


async def ask(loop, backend, question):
    """Connect to the backend, send it one line and wait for the line that comes back."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as conn:
        conn.setblocking(False)
        await loop.sock_connect(conn, backend)
        await loop.sock_sendall(conn, question)
        line = b""
        while not line.endswith(b"\n"):
            arrived = await loop.sock_recv(conn, 64 << 10)  # a slow backend holds this task only
            if not arrived:
                raise ConnectionError("the backend sends no more")
            line += arrived
        return line


if __name__ == "__main__":
    asyncio.run(main(*job.flags()))
