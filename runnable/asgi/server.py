"""An ASGI server on asyncio, complete: what Uvicorn, Hypercorn and Daphne do. Read minimal/server.py first.

It knows connections and HTTP, and nothing of the application, which is app.py. A request and its response are in
exchange.py, bodies in heads.py, WebSockets in websocket.py, and their compression in deflate.py.
"""

import asyncio
import signal
import socket
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit/python"))
import app
import job
import websocket
from exchange import Disconnected, Exchange, refusal
from http1 import Refused, cut_head

HEADER, IDLE, LINGER = 60, 75, 5  # seconds: for the rest of a head, between requests, after the last reply
GRACE = 30  # seconds for the requests in flight when the server stops
LIMIT = 64 << 10  # bytes that may wait for receive, and bytes that may wait to be sent: beyond that the sender waits


class Server:
    def __init__(self, application):
        self.app = application
        self.state = {}
        self.stopping = False
        self.connections = set()
        self.all_gone = asyncio.Event()

    def run(self, addr):
        """Serve on a new event loop."""
        try:
            asyncio.run(self.serve(addr))
        except LifespanFailed as failed:
            sys.exit(str(failed))

    async def serve(self, addr):
        """Start the application up, serve until a signal comes, finish the requests in flight, shut it down."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(trouble)
        stop = asyncio.Event()
        stop_on_signal(loop, stop)
        lifespan = Lifespan(self)
        await lifespan.tell("startup")
        listener = job.listen(addr)
        # Without this, a message waits until the client has acknowledged the last: 40 ms and more. asyncio sets it for
        # sockets that it opens itself.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening = await loop.create_server(lambda: Connection(self), sock=listener, backlog=128)
        await stop.wait()
        self.stopping = True
        listening.close()
        for connection in list(self.connections):
            connection.go_away()
        try:
            async with asyncio.timeout(GRACE):
                while self.connections:
                    self.all_gone.clear()
                    await self.all_gone.wait()
        except TimeoutError:  # their tasks are cancelled when asyncio.run ends
            for connection in self.connections:
                connection.reset()
            job.log(f"{len(self.connections)} calls of the application have not returned")
        await lifespan.tell("shutdown")


def trouble(_, what):
    """Log what no task waits for: a failed accept (asyncio waits 1 s then), or the error of a forgotten task."""
    error = what.get("exception")
    if isinstance(error, OSError):  # the system's error, not a bug
        job.log(f"{what['message']}: {error}")
    else:
        job.log(what["message"], error)


def stop_on_signal(loop, stop):
    """Set an event at Ctrl-C and SIGTERM. A second signal ends the program at once."""
    numbers = signal.SIGINT, signal.SIGTERM

    def first():
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in numbers:
        loop.add_signal_handler(number, first)


class LifespanFailed(Exception):
    """The application could not start up or shut down."""


class Lifespan:
    """The call of the application that lasts as long as the server."""

    def __init__(self, server):
        self.events, self.answers = asyncio.Queue(), asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": server.state}
        self.started = self.over = False
        self.task = asyncio.create_task(self.live(server.app, scope))

    async def live(self, app, scope):
        """Call the application. If it raises before it has started up, it is served without a lifespan."""
        try:
            await app(scope, self.events.get, self.answers.put)
        except Exception as error:
            if self.started:
                job.log("the application's lifespan failed", error)
        finally:
            self.over = True
            self.answers.put_nowait({"type": "over"})  # tell stops waiting

    async def tell(self, what):
        """Wait until the application has done it. Nothing to do when its call is over."""
        if self.over:
            return
        self.events.put_nowait({"type": f"lifespan.{what}"})
        answer = await self.answers.get()
        if answer["type"] == f"lifespan.{what}.failed":
            raise LifespanFailed(f"the application did not {what}: {answer.get('message', '')}")
        self.started = answer["type"] == "lifespan.startup.complete"


class Connection(asyncio.Protocol):
    """A connection, its bytes, and one request after the other."""

    def __init__(self, server):
        self.server, self.inbox = server, bytearray()
        self.ended = False  # the client sends no more
        self.lost = False  # and receives no more
        self.news = asyncio.Event()  # bytes have arrived, or an end
        self.room = asyncio.Event()  # there is room to send
        self.room.set()
        self.idle, self.socket = True, None
        self.head_only = False  # HEAD: neither a reply nor a refusal has a body

    # Called by the loop.

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
        return True  # the client may still wait for its reply: keep our direction open

    def connection_lost(self, _):
        self.ended = self.lost = True
        self.news.set()
        self.room.set()

    def pause_writing(self):
        self.room.clear()

    def resume_writing(self):
        self.room.set()

    # Called by the task, which waits in them.

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
        """Put bytes into the buffer, and wait while it is too full: this is all of the backpressure."""
        if self.transport.is_closing():  # a write has failed; the loop reports it in its next turn
            raise Disconnected("the client has left")
        self.transport.write(data)
        await self.room.wait()

    def reset(self):
        """End the connection so that the client reads an error: it must not take a part for the whole (socket(7))."""
        if not self.lost:
            linger = struct.pack("ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()

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
            pass  # the client left, or was silent for too long: routine, not logged
        except Exception as error:
            job.log("a bug in the server", error)
        finally:
            if self.transport.get_write_buffer_size():
                self.transport.abort()
            else:
                self.transport.close()
            self.server.connections.discard(self)
            self.server.all_gone.set()

    async def request(self):
        """Serve one request. Return whether there may be another."""
        try:
            head = await self.head()
            self.head_only = head.method == "HEAD"
            if websocket.wanted(head):
                self.socket = websocket.Socket(self, head)
                await self.socket.run()
                return False
        except Refused as refused:
            self.head_only = refused.head_only
            await self.refuse(refused.status)
            return False
        return await Exchange(self, head).run()

    async def head(self):
        """Wait for the next head: as long as IDLE until one begins, and then as long as HEADER for the rest of it."""
        if self.server.stopping:
            raise ConnectionError("the server is stopping")
        self.idle = True
        async with asyncio.timeout(HEADER if self.inbox else IDLE) as patience:
            while not (head := cut_head(self.inbox)):
                begun = bool(self.inbox)
                await self.arrive()
                if not begun:
                    patience.reschedule(asyncio.get_running_loop().time() + HEADER)
        self.idle = False
        return head

    async def refuse(self, status, *headers):
        """Answer a request that does not reach the application. The connection ends with it."""
        await self.write(refusal(status, *headers, head_only=self.head_only))

    def scope(self, kind, scheme, head):
        return {
            "type": kind, "asgi": {"version": "3.0", "spec_version": "2.5"}, "http_version": head.version,
            "method": head.method, "scheme": scheme, "path": head.path.decode("utf-8", "replace"),
            "query_string": head.query, "root_path": "",
            "headers": head.headers, "client": self.transport.get_extra_info("peername"),
            "server": self.transport.get_extra_info("sockname"), "state": self.server.state.copy(), "extensions": {},
        }  # fmt: skip


if __name__ == "__main__":
    addr, backend = job.flags()
    Server(app.App(backend)).run(addr)
