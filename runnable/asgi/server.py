"""An ASGI server on asyncio: what Uvicorn, Hypercorn and Daphne do, as small as it can be with nothing left out.

It knows connections and HTTP, and nothing of the application. That is app.py; WebSockets are in websocket.py.
"""

import asyncio
import os
import signal
import sys
from http import HTTPStatus

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit", "python"))  # where job is
import app
import http1
import job
import websocket
from heads import Refused, parse

HEADER, IDLE, LINGER = 60, 75, 5  # seconds: for the rest of a head, between requests, after the last reply
LIMIT = 64 << 10  # bytes that wait to be asked for, and that wait to be sent: beyond that the one who sends them waits


class Disconnected(OSError):
    """What send raises when the client has left. An application need not catch it, and nobody logs it."""


class Server:
    def __init__(self, application):
        self.app = application
        self.state = {}
        self.stopping = False
        self.connections = set()
        self.all_gone = asyncio.Event()

    async def serve(self, addr):
        """Start the application up, serve until a signal comes, finish what is in flight, shut the application down."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, what: job.log(what["message"]))  # no descriptor is free, say: asyncio waits 1 s
        stop = asyncio.Event()
        for number in signal.SIGINT, signal.SIGTERM:
            loop.add_signal_handler(number, stop.set)
        lifespan = Lifespan(self)
        await lifespan.tell("startup")
        listening = await loop.create_server(lambda: Connection(self), sock=job.listen(addr), backlog=128)
        await stop.wait()
        self.stopping = True
        listening.close()
        for connection in list(self.connections):
            connection.go_away()
        while self.connections:
            self.all_gone.clear()
            await self.all_gone.wait()
        await lifespan.tell("shutdown")


class Lifespan:
    """The call of the application that lasts as long as the server."""

    def __init__(self, server):
        self.events, self.answers = asyncio.Queue(), asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": server.state}
        self.task = asyncio.create_task(server.app(scope, self.events.get, self.answers.put))
        self.task.add_done_callback(lambda task: task.cancelled() or task.exception())  # it was looked at

    async def tell(self, what):
        """Wait until the application has done it. One that raises instead knows no lifespan, and is served without."""
        self.events.put_nowait({"type": f"lifespan.{what}"})
        answer = asyncio.create_task(self.answers.get())
        await asyncio.wait([answer, self.task], return_when=asyncio.FIRST_COMPLETED)
        if answer.done() and answer.result()["type"] == f"lifespan.{what}.failed":
            sys.exit(f"the application did not {what}: {answer.result().get('message', '')}")
        answer.cancel()


class Connection(asyncio.Protocol):
    """A connection, its bytes, and one request after the other."""

    def __init__(self, server):
        self.server, self.inbox = server, bytearray()
        self.ended = False  # the client sends no more
        self.lost = False  # and takes no more
        self.news = asyncio.Event()  # of bytes, or of an end
        self.room = asyncio.Event()  # to send
        self.room.set()
        self.idle, self.socket = True, None

    # The loop calls these.

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(LIMIT)
        self.server.connections.add(self)
        self.task = asyncio.create_task(self.converse())

    def data_received(self, data):
        self.inbox += data
        if len(self.inbox) > LIMIT:
            self.transport.pause_reading()
        self.news.set()

    def eof_received(self):
        self.ended = True
        self.news.set()
        return True  # it may wait for what it has asked for: keep our way open

    def connection_lost(self, _):
        self.ended = self.lost = True
        self.news.set()
        self.room.set()

    def pause_writing(self):
        self.room.clear()

    def resume_writing(self):
        self.room.set()

    # The task calls these, and waits in them.

    async def stir(self):
        """Wait for news."""
        self.news.clear()
        await self.news.wait()

    async def arrive(self):
        """Wait until more has arrived."""
        before = len(self.inbox)
        while len(self.inbox) == before:
            if self.ended:
                raise ConnectionError("the client sends no more")
            self.transport.resume_reading()
            await self.stir()

    async def write(self, data):
        """Put bytes into the buffer, and wait while that is too full: this is all of the backpressure."""
        if self.lost:
            raise Disconnected("the client has left")
        self.transport.write(data)
        await self.room.wait()

    def go_away(self):
        if self.socket:
            self.socket.go_away()
        elif self.idle:
            self.transport.close()

    async def converse(self):
        """Serve one request after the other, so that replies go out in the order of the requests."""
        try:
            while await self.request():
                pass
            if not self.lost:
                self.transport.write_eof()  # the client reads our end of file, and we read on until its own
            async with asyncio.timeout(LINGER):
                while not self.ended:
                    self.inbox.clear()
                    self.transport.resume_reading()
                    await self.stir()
        except (OSError, TimeoutError):
            pass  # it left, or it was silent for too long: no news for anybody
        finally:
            self.transport.abort() if self.transport.get_write_buffer_size() else self.transport.close()
            self.server.connections.discard(self)
            self.server.all_gone.set()

    async def request(self):
        """Serve one request; true if there may be another."""
        try:
            head = await self.head()
            if websocket.wanted(head):
                self.socket = websocket.Socket(self, head)
                await self.socket.run()
                return False
        except Refused as refused:
            await self.refuse(refused.status)
            return False
        return await Exchange(self, head).run()

    async def head(self):
        """Wait for the next head: as long as IDLE until one begins, and then as long as HEADER for the rest of it."""
        if self.server.stopping:
            raise ConnectionError("the server stops")
        self.idle = True
        async with asyncio.timeout(HEADER if self.inbox else IDLE) as patience:
            while not (head := parse(self.inbox)):
                begun = bool(self.inbox)
                await self.arrive()
                if not begun:
                    patience.reschedule(asyncio.get_running_loop().time() + HEADER)
        self.idle = False
        return head

    async def refuse(self, status, *headers):
        """Answer a request that the application is not asked about. The connection ends with it."""
        body = HTTPStatus(status).phrase.encode() + b"\n"
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body)), *headers, (b"connection", b"close")]
        await self.write(head_bytes(status, headers) + body)

    def scope(self, kind, scheme, head):
        return {
            "type": kind, "asgi": {"version": "3.0", "spec_version": "2.5"}, "http_version": head.version, "method": head.method,
            "scheme": scheme, "path": head.path.decode("utf-8", "replace"), "query_string": head.query, "root_path": "",
            "headers": head.headers, "client": self.transport.get_extra_info("peername"),
            "server": self.transport.get_extra_info("sockname"), "state": self.server.state.copy(), "extensions": {},
        }  # fmt: skip


class Exchange:
    """One request and its response."""

    def __init__(self, conn, head):
        self.conn, self.request, self.close = conn, head, head.close
        self.body = head.body(conn)
        self.told = False  # of the whole body: what receive says next is http.disconnect
        self.gone = False  # it has said so
        self.continued = not head.expects
        self.start = None  # the event; until the first part of the body the client knows nothing of it
        self.sending = self.complete = self.bare = self.chunked = False
        self.left = None  # bytes that were promised

    async def run(self):
        error = None
        try:
            await self.conn.server.app(self.conn.scope("http", "http", self.request), self.receive, self.send)
        except Refused as refused:
            if not self.sending:
                await self.conn.refuse(refused.status)
            return False
        except Exception as failed:
            error = failed
        if self.complete and not self.left:
            return not self.close
        if not self.gone and not isinstance(error, Disconnected):
            job.log(f"{self.request.method} {self.request.path.decode('latin-1')}: {error or 'the response is not complete'}")
        if self.sending:
            self.conn.transport.abort()  # the client must see that this was not all
        elif not self.gone:
            await self.conn.refuse(500)
        return False

    async def receive(self):
        if not self.told and not self.complete:
            if not self.continued and not self.sending:
                self.continued = True
                await self.conn.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            try:
                part = await self.body.next()
                self.told = self.body.ended
                return {"type": "http.request", "body": part, "more_body": not self.told}
            except ConnectionError:
                pass
        while not self.complete and not self.conn.ended:
            await self.conn.stir()
        self.told = self.gone = True
        return {"type": "http.disconnect"}

    async def send(self, event):
        if self.complete:
            return
        if self.gone:
            raise Disconnected("the client has left")
        if event["type"] == "http.response.start" and not self.start:
            self.start = event
        elif event["type"] == "http.response.body" and self.start:
            await self._write(event.get("body", b""), event.get("more_body", False))
        else:
            raise RuntimeError(f"{event['type']} is not for now")

    async def _write(self, body, more):
        out = b"" if self.sending else self._head(body, more)
        self.sending = True
        if self.left is not None and not self.bare:
            if len(body) > self.left:
                raise RuntimeError("the body is longer than its content-length")
            self.left -= len(body)
        if self.bare:
            body, self.left = b"", None
        elif self.chunked and body:
            body = b"%x\r\n%b\r\n" % (len(body), body)
        if not more:
            body += b"0\r\n\r\n" if self.chunked and not self.bare else b""
            self.complete = True
            self.conn.news.set()
        await self.conn.write(out + body)

    def _head(self, body, more):
        """Word the head. How the body ends and whether the connection does is for the server to say."""
        status, headers = self.start["status"], []
        self.bare = self.request.method == "HEAD" or status in (204, 304)
        for name, value in self.start.get("headers", ()):
            if name == b"connection":
                self.close = self.close or value.lower() == b"close"
            elif name != b"transfer-encoding":
                headers.append((name, value))
            if name == b"content-length":
                self.left = int(value)
        if self.left is None and status not in (204, 304):
            if not more:
                self.left = len(body)
                headers.append((b"content-length", b"%d" % len(body)))
            elif self.request.version == "1.0":
                self.close = True  # the body ends with the connection
            else:
                self.chunked = True
                headers.append((b"transfer-encoding", b"chunked"))
        # A body that was not asked for to its end would be taken for the next request.
        self.close = self.close or not self.body.ended or self.conn.server.stopping
        if self.close:
            headers.append((b"connection", b"close"))
        return head_bytes(status, headers)


def head_bytes(status, headers):
    """The bytes of a head. Names mean the same in any case; people are used to Content-Type."""
    if any(c in value for _, value in headers for c in b"\r\n\x00"):
        raise RuntimeError("a line end in a header")
    lines = [b"HTTP/1.1 %d %b" % (status, HTTPStatus(status).phrase.encode()), *(b"%b: %b" % (n.title(), v) for n, v in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


if __name__ == "__main__":
    addr, backend = job.flags()
    asyncio.run(Server(app.App(backend)).serve(addr))
