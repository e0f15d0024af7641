"""The HTTP server of the toolbox, on asyncio's streams: the book's one job, with timeouts and an orderly stop.

asyncio brings the streams and no HTTP; Tornado brought both in 2009, and its own loop until 5.0 (2018).
"""

import asyncio
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kit/python"))
import http1
import job

HEADER, IDLE, LINGER = 60, 75, 5  # seconds: for the rest of a head, between requests, after the last reply


async def main(addr, backend):
    loop = asyncio.get_running_loop()
    # For example, no descriptor is free: asyncio waits 1 s.
    loop.set_exception_handler(lambda _, what: job.log(what["message"]))
    server = Server(backend)
    listening = await asyncio.start_server(server.converse, sock=job.listen(addr), backlog=128)
    stop = asyncio.Event()
    for number in signal.SIGINT, signal.SIGTERM:
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    listening.close()
    await server.finish()


class Server:
    def __init__(self, backend):
        self.backend = backend
        self.stopping = False
        self.waiting = {}  # the writers of open connections: True while nothing is owed to the client
        self.all_gone = asyncio.Event()

    async def finish(self):
        """Close the connections that wait for a request, and wait until those in the middle of one have their reply."""
        self.stopping = True
        for writer, waits in self.waiting.items():
            if waits:
                writer.close()
        while self.waiting:
            self.all_gone.clear()
            await self.all_gone.wait()

    async def converse(self, reader, writer):
        """Serve one connection until the client leaves: read the request, ask the backend, write the reply."""
        try:
            writer.transport.set_write_buffer_limits(0)  # drain waits until the kernel has all: our buffer can be lost
            inbox = http1.Inbox()
            while not self.stopping:
                self.waiting[writer] = True
                request = await next_request(reader, inbox)
                self.waiting[writer] = False
                writer.write(await self.answer(request))
                await writer.drain()  # a client that does not read holds this task only
                if request.close:
                    break
            self.waiting[writer] = True
            writer.write_eof()  # the client reads our end of file, and we read on until its own
            async with asyncio.timeout(LINGER):
                while await reader.read(4096):
                    pass
        except (OSError, TimeoutError):
            pass  # it left, or it was silent for too long: routine, not logged
        finally:
            self.waiting.pop(writer, None)
            self.all_gone.set()
            writer.close()

    async def answer(self, request):
        """Return the reply to one request. While it waits for the backend, other connections have their turn."""
        if not request.asks:
            return request.reply()
        try:
            return request.answer(await ask(self.backend, request.question))
        except OSError:
            return request.unanswered()


async def next_request(reader, inbox):
    """Wait for a request: as long as IDLE until one begins, and then as long as HEADER for the rest of its head."""
    request = inbox.next()
    if not request:
        async with asyncio.timeout(IDLE):
            await arrive(reader, inbox)
        request = inbox.next()
    if not request:
        async with asyncio.timeout(HEADER):
            while not request:
                await arrive(reader, inbox)
                request = inbox.next()
    return request


async def arrive(reader, inbox):
    arrived = await reader.read(4096)
    if not arrived:
        raise ConnectionError("the client sends no more")
    inbox.add(arrived)


async def ask(backend, question):
    """Connect to the backend, send it one line and wait for the line that comes back."""
    reader, writer = await asyncio.open_connection(*backend)
    try:
        writer.write(question)
        line = b""
        while not line.endswith(b"\n"):
            arrived = await reader.read(64 << 10)
            if not arrived:
                raise ConnectionError("the backend sends no more")
            line += arrived
        return line
    finally:
        writer.close()


if __name__ == "__main__":
    asyncio.run(main(*job.flags()))
