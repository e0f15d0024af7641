"""The async/await server with one mistake at a time, and beside it the same server without; -mistake selects.

All but two differ in a single function, the one that asks the backend.
"""

import argparse
import asyncio
import socket
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kit/python"))
import http1
import job

PATIENCE = 0.1  # seconds


async def blocking_call(backend, question):
    """Ask with the blocking server's own function: the answer is right, but until then no other task has a turn."""
    return job.ask(backend, question)  # the mistake: it cannot be awaited, and the one thread sleeps in recv


async def blocking_in_thread(backend, question):
    """The remedy where the call cannot be changed: it sleeps on its own thread, and the task awaits that thread."""
    return await asyncio.to_thread(job.ask, backend, question)


async def forgotten_await(backend, question):
    """Call a function that should be awaited: it makes a coroutine object, and no line of its body runs.

    Python says so when the object is thrown away: RuntimeWarning, coroutine 'ask' was never awaited.
    """
    line = ask(backend, question)  # the mistake: no await
    return f"{line}\n".encode()


async def gather(backend, query):
    """Ask several questions at once and await them together. When one fails it raises at once."""
    asked = [ask(backend, question) for question in questions(query)]
    return b"".join(await asyncio.gather(*asked))  # the mistake: the others run on, and no task waits for them


async def task_group(backend, query):
    """Ask several questions at once; leave the block when all have ended. When one fails, the others are cancelled."""
    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(ask(backend, question)) for question in questions(query)]
    except* OSError as failed:
        trouble = failed.exceptions[0]
    else:
        return b"".join(task.result() for task in asked)
    raise trouble  # outside: an error raised within except* would be a group again


async def swallowed_timeout(backend, question):
    """Ask twice if it must, within 100 ms together.

    After 100 ms, CancelledError is raised in the first ask. The second is made all the same, the body goes on, and the
    timeout, which can only request the end, waits for it.
    """
    async with asyncio.timeout(PATIENCE):
        try:
            return await ask(backend, question)
        except:  # the mistake: this includes CancelledError, which is the timeout's to handle
            return await ask(backend, question)


async def kept_timeout(backend, question):
    """Let CancelledError pass. timeout turns it into TimeoutError, and the client has its error after 100 ms."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await ask(backend, question)
        except ConnectionError:
            return await ask(backend, question)


ASKERS = {f.__name__.replace("_", "-"): f for f in (
    blocking_call, blocking_in_thread, forgotten_await, gather, task_group, swallowed_timeout, kept_timeout)}


async def main(addr, backend, mistake):
    listener = job.listen(addr)
    listener.setblocking(False)
    if mistake not in ASKERS:
        await serve_streams(listener, backend, mistake == "with-drain")
    loop = asyncio.get_running_loop()
    tasks = set()  # the loop has only weak references to tasks: without this set, a task may be collected
    while True:
        try:
            conn, _ = await loop.sock_accept(listener)  # the connection is non-blocking
        except OSError as error:
            job.log(f"accept: {error}")
            await asyncio.sleep(0.01)  # perhaps no descriptor is free: let others leave before we try again
            continue
        task = loop.create_task(handle(loop, conn, backend, ASKERS[mistake]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def handle(loop, conn, backend, asker):
    """Serve one connection until the client leaves: read the request, ask the backend, write the reply."""
    with conn:
        try:
            inbox = http1.Inbox()
            while True:
                request = await read_request(loop, conn, inbox)
                reply = request.reply()
                if request.asks:
                    try:
                        reply = request.answer(await asker(backend, request.question))
                    except OSError:  # TimeoutError is one
                        reply = request.unanswered()
                await loop.sock_sendall(conn, reply)
                if request.close:
                    conn.shutdown(socket.SHUT_WR)  # the client reads our end of file, and we read on until its own
        except OSError:
            pass  # the client is gone, and nothing is left to do
        except Exception:
            traceback.print_exc()


async def read_request(loop, conn, inbox):
    """Wait until a whole request has arrived."""
    while True:
        request = inbox.next()
        if request:
            return request
        arrived = await loop.sock_recv(conn, 4096)
        if not arrived:
            raise ConnectionError("the client sends no more")
        inbox.add(arrived)


async def ask(backend, question):
    """The correct way: connect, send one line, wait for the line that comes back, and give up the turn meanwhile."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as conn:
        conn.setblocking(False)
        await loop.sock_connect(conn, backend)
        await loop.sock_sendall(conn, question)
        line = b""
        while not line.endswith(b"\n"):
            arrived = await loop.sock_recv(conn, 64 << 10)
            if not arrived:
                raise ConnectionError("the backend sends no more")
            line += arrived
        return line


def questions(query):
    """Split b"delay=50&size=9" into two questions, which are asked at the same time."""
    return [question + b"\n" for question in query.rstrip(b"\n").split(b"&")]


async def serve_streams(listener, backend, drain):
    """The server on streams: write never waits, it keeps what the kernel has no room for."""
    async def handle_stream(reader, writer):
        try:
            inbox = http1.Inbox()
            while True:
                request = inbox.next()
                if not request:
                    arrived = await reader.read(4096)
                    if not arrived:
                        break
                    inbox.add(arrived)
                    continue
                reply = request.reply()
                if request.asks:
                    try:
                        reply = request.answer(await ask(backend, request.question))
                    except OSError:
                        reply = request.unanswered()
                writer.write(reply)
                if drain:  # the mistake is to leave this out: if the client does not read, the buffer grows
                    await writer.drain()
                if request.close:
                    writer.write_eof()
        except OSError:
            pass  # the client is gone, and nothing is left to do
        finally:
            writer.close()

    server = await asyncio.start_server(handle_stream, sock=listener, backlog=128)
    await server.serve_forever()


def mistake():
    """Parse this program's own flag, and leave the others to job."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-mistake", "--mistake", choices=[*ASKERS, "no-drain", "with-drain"], required=True)
    args, sys.argv[1:] = parser.parse_known_args()
    return args.mistake


if __name__ == "__main__":
    chosen = mistake()
    asyncio.run(main(*job.flags(), chosen))
