"""The async/await server with a backend that is asked over HTTP, ten requests at a time.

The standard library has no HTTP client that awaits: http.client blocks its thread. So the request is written by hand
here, and a semaphore is the line in which further requests wait. As in Tornado's own client, a connection serves one
request and is closed.
"""

import asyncio
import re
import socket
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kit/python"))
import http1
import job

MAX_CLIENTS = 10
STATUS = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: [^\x00-\x08\x0a-\x1f\x7f]*)?")
LENGTH = re.compile(rb"0*([0-9]{1,8})")  # below 100 MB: it is all held in memory


async def main(addr, backend):
    listener = job.listen(addr)
    listener.setblocking(False)
    loop = asyncio.get_running_loop()
    client = asyncio.Semaphore(MAX_CLIENTS)
    tasks = set()  # the loop has only weak references to tasks: without this set, a task may be collected
    while True:
        try:
            conn, _ = await loop.sock_accept(listener)  # the connection is non-blocking
        except OSError as error:
            job.log(f"accept: {error}")
            await asyncio.sleep(0.01)  # perhaps no descriptor is free: let others leave before we try again
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
            pass  # the client is gone, and nothing is left to do
        except Exception:
            traceback.print_exc()  # a bug: no task awaits this one


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
    """Fetch the backend's line. If all places of the client are taken, the task waits in line first."""
    async with client:
        reader, writer = await asyncio.open_connection(*backend)
        try:
            # HTTP/1.0, to which a server must not answer in chunks (RFC 9112, section 6.1)
            query = question.rstrip(b"\n")
            writer.write(b"GET /?" + query + b" HTTP/1.0\r\nHost: backend\r\nConnection: close\r\n\r\n")
            status, fields = await read_head(reader)
            while status < 200 and status != 101:  # an interim reply: the real one follows (RFC 9110, section 15.2)
                status, fields = await read_head(reader)
            if not 200 <= status < 300:
                raise ConnectionError("the backend refuses")
            return b"" if status == 204 else await read_body(reader, fields)
        finally:
            writer.close()


async def read_head(reader):
    """Read a reply's status and its fields. A head that two readers could understand differently is refused."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, _, lines = head[:-2].partition(b"\r\n")
    lines = re.sub(rb"[ \t]*\r\n[ \t]+", b" ", lines)  # a field may go on in the next line (RFC 9112, section 5.2)
    fields = [http1.parse_field(line) for line in lines.split(b"\r\n")[:-1]]
    status = STATUS.fullmatch(first)
    if not status or (None, None) in fields:
        raise ConnectionError("the reply's head is malformed")
    return int(status[1]), fields


async def read_body(reader, fields):
    """Read the body. If it is not certain where that ends, nothing of it can be trusted (RFC 9112, section 6.3)."""
    told = [field for field in fields if field[0] in (b"content-length", b"transfer-encoding")]
    if not told:
        return await reader.read()  # the body ends with the connection
    name, value = told[0]
    length = LENGTH.fullmatch(value)
    if len(told) > 1 or name != b"content-length" or not length:
        raise ConnectionError("the reply's length is not certain")
    return await reader.readexactly(int(length[1]))


if __name__ == "__main__":
    asyncio.run(main(*job.flags()))
