"""The async/await server with a backend that is asked over HTTP, ten requests at a time.

The standard library has no HTTP client that awaits: http.client blocks its thread. So the request is written by hand
here, and a semaphore is the line in which further requests wait. As in Tornado's own client, a connection serves one
request and is closed.
"""

import asyncio
import os
import re
import socket
import sys
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit", "python"))  # where job is
import http1
import job

MAX_CLIENTS = 10


async def main(addr, backend):
    listener = job.listen(addr)
    listener.setblocking(False)
    loop = asyncio.get_running_loop()
    client = asyncio.Semaphore(MAX_CLIENTS)
    tasks = set()  # the loop holds its tasks by weak references only: one that nobody else holds may vanish
    while True:
        try:
            conn, _ = await loop.sock_accept(listener)  # the connection is non-blocking
        except OSError as error:
            job.log(f"accept: {error}")
            await asyncio.sleep(0.01)  # no descriptor is free, say: let others leave before we try again
            continue
        task = loop.create_task(handle(loop, conn, client, backend))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def handle(loop, conn, client, backend):
    """Serve one connection until the client leaves: read the request, ask the backend, write the reply."""
    with conn:
        try:
            inbox = http1.Inbox()
            while True:
                request = await read_request(loop, conn, inbox)
                reply = request.reply()
                if request.asks:
                    try:
                        reply = request.answer(await ask(client, backend, request.question))
                    except (OSError, EOFError, asyncio.LimitOverrunError):
                        reply = request.unanswered()
                await loop.sock_sendall(conn, reply)  # a client that does not read holds this task only
                if request.close:
                    conn.shutdown(socket.SHUT_WR)  # the client reads our end of file, and we read on until its own
        except OSError:
            pass  # the client is gone; so is our work for it
        except Exception:
            traceback.print_exc()  # our own mistake: nobody asks for the task's result


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


async def ask(client, backend, question):
    """Fetch the backend's line. With all places of the client taken, the task waits in line first."""
    async with client:
        reader, writer = await asyncio.open_connection(*backend)
        try:
            # HTTP/1.0, since to this a server must not answer with what is not understood below: chunks, interim replies
            writer.write(b"GET /?" + question.rstrip(b"\n") + b" HTTP/1.0\r\nHost: backend\r\nConnection: close\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            head = re.sub(rb"[ \t]*\r\n[ \t]+", b" ", head)  # a field may go on in the next line
            length = re.search(rb"(?i)\r\nContent-Length:[ \t]*([0-9]{1,9})[ \t]*\r\n", head)
            if not re.match(rb"HTTP/1\.[01] 200 ", head):
                raise ConnectionError("the backend says no")
            if length:
                return await reader.readexactly(int(length[1]))
            return await reader.read()  # the body ends with the connection
        finally:
            writer.close()


asyncio.run(main(*job.flags()))
