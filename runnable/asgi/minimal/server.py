"""A small ASGI server: a task for each connection, and in it a call of the application for each request.

It leaves out WebSockets, chunks, bodies in pieces, 100 Continue, timeouts, a second http.disconnect, finishing requests
in flight at the end, and checks of what the application sends: ../server.py has them.
"""

import asyncio
import signal
import sys
from contextlib import closing, suppress
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2] / "kit/python")]
import job
from app import App
from exchange import head_bytes, refusal
from http1 import Refused, cut_head

LARGEST = 1 << 20  # bytes of a request's body, which is read whole


class Connection:
    def __init__(self, application, state, reader, writer):
        self.app, self.state, self.reader, self.writer = application, state, reader, writer
        self.inbox, self.events = bytearray(), asyncio.Queue()  # events: for the call that runs now

    async def converse(self):
        """Serve one request after the other, and then read on until the client has left."""
        with closing(self.writer), suppress(OSError, asyncio.CancelledError):  # the client has left, or the server ends
            self.next = asyncio.create_task(self.request())
            try:
                while await self.call(*await self.next):
                    pass
            except Refused as refused:
                self.writer.write(refusal(refused.status, head_only=refused.head_only))
            self.writer.write_eof()
            self.next.cancel()
            await asyncio.gather(self.next, return_exceptions=True)  # one read at a time
            while await self.reader.read(64 << 10):
                pass

    async def request(self):
        """Wait for the next request: its head and its body. If the client leaves, the running call receives that."""
        head = None
        while not (head := head or cut_head(self.inbox)) or len(self.inbox) < min(head.length or 0, LARGEST):
            arrived = b""
            with suppress(OSError):
                arrived = await self.reader.read(64 << 10)
            if not arrived:
                self.events.put_nowait({"type": "http.disconnect"})
                raise ConnectionError("the client sends no more")
            self.inbox += arrived
        if head.length is None or head.length > LARGEST:
            raise Refused(501 if head.length is None else 413, head.method == "HEAD")
        body, self.inbox = bytes(self.inbox[: head.length]), self.inbox[head.length :]
        return head, body

    async def call(self, head, body):
        """Call the application for one request. Return whether there may be another."""
        events = self.events = asyncio.Queue()
        events.put_nowait({"type": "http.request", "body": body})
        self.next = asyncio.create_task(self.request())
        start, complete, close = {}, False, head.close

        async def send(event):
            nonlocal start, complete, close
            if event["type"] == "http.response.start":
                start = event  # sent with the first part of the body: an application that fails before is a 500
                return
            part, more = event.get("body", b""), event.get("more_body", False)
            if start:
                headers = list(start.get("headers", ()))  # a reply without a length ends with the connection
                close = close or b"content-length" not in dict(headers) or b"connection" in dict(headers)
                headers += [(b"connection", b"close")] if close and b"connection" not in dict(headers) else []
                self.writer.write(head_bytes(start["status"], headers))
                start = None
            self.writer.write(b"" if head.method == "HEAD" else part)
            await self.writer.drain()  # backpressure: waits while too much is unsent. An OSError: the client has left
            if not more:
                complete = True
                events.put_nowait({"type": "http.disconnect"})

        try:
            await self.app({
                "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": head.version,
                "method": head.method, "scheme": "http", "path": head.path.decode("utf-8", "replace"), "root_path": "",
                "query_string": head.query, "headers": head.headers, "state": self.state.copy(),
            }, events.get, send)  # fmt: skip
        except Exception as error:
            if not self.writer.is_closing():
                job.log(f"{head.method} {head.path.decode('latin-1')}", error)
        if not complete and start is not None:
            raise Refused(500, head.method == "HEAD")
        if not complete:
            self.writer.transport.abort()  # the client must see that the reply is incomplete
        return complete and not close


async def main(addr, backend):
    app, loop, state, stop = App(backend), asyncio.get_running_loop(), {}, asyncio.Event()
    loop.set_exception_handler(lambda _, what: job.log(what["message"]))  # no descriptor is free, for example
    for number in signal.SIGINT, signal.SIGTERM:
        loop.add_signal_handler(number, stop.set)
    events, answers = asyncio.Queue(), asyncio.Queue()
    lifespan = app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}, events.get, answers.put)
    life = asyncio.gather(lifespan, return_exceptions=True)  # if it raises, it has nothing to start up or shut down
    for what in "startup", "shutdown":
        events.put_nowait({"type": f"lifespan.{what}"})
        answer = asyncio.create_task(answers.get())
        await asyncio.wait({answer, life}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done() and answer.result()["type"] == f"lifespan.{what}.failed":
            sys.exit(f"the application did not {what}: {answer.result().get('message', '')}")
        if what == "startup":
            server = await asyncio.start_server(lambda *s: Connection(app, state, *s).converse(), sock=job.listen(addr))
            await stop.wait()
            server.close()


if __name__ == "__main__":
    asyncio.run(main(*job.flags()))
