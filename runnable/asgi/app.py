"""The application: it knows requests and WebSockets, and neither connections nor the server.

Any ASGI server runs it as well: Uvicorn and Hypercorn take "app:application" from this folder, with the address of the
backend in the environment variable BACKEND. The room has a task group for each member, so it needs Python 3.11.
"""

import asyncio
import hashlib
import os
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs

ROOM_PAGE = Path(__file__).with_name("room.html").read_bytes()


class App:
    def __init__(self, backend):
        self.backend = backend
        self.room = Room()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            await self.http(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == "/chat":
            await self.room.join(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # before it is accepted: 403
        else:
            raise ValueError(f"unknown scope {scope['type']}")  # nothing to start up or shut down, for instance

    async def http(self, scope, receive, send):
        path, query = scope["path"], scope["query_string"]
        headers = {name.lower(): value for name, value in scope["headers"]}  # a server need not use lower case
        if path == "/upload":
            return await upload(receive, send)
        if b"transfer-encoding" in headers or headers.get(b"content-length", b"").strip(b"0"):
            return await refuse(send, 501)  # the other pages take no body
        await receive()  # http.request: now there is something to run for
        if path == "/":
            await reply(send, 200, b"hello\n")
        elif path == "/ask":
            try:
                line = await self.ask(query + b"\n")
            except OSError:
                return await failed(send, 502)
            await reply(send, 200, line)
        elif path == "/burn":
            await burn(query, send)
        elif path == "/room":
            await page(send)
        elif path == "/stream":
            await stream(query, send)
        else:
            await failed(send, 404)

    async def ask(self, question):
        """Connect to the backend, send it one line and wait for the line that comes back."""
        reader, writer = await asyncio.open_connection(*self.backend)
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


async def reply(send, status, body, *more):
    """Send a response of one part."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def failed(send, status, *more):
    await reply(send, status, HTTPStatus(status).phrase.encode() + b"\n", *more)


async def refuse(send, status):
    await failed(send, status, (b"connection", b"close"))


async def burn(query, send):
    """Keep the processor busy for "ms=200", up to 2000: a long time for every other task of the same loop."""
    ms = number(query, "ms", 0, 2000)
    if not ms:
        return await refuse(send, 400)
    end = time.monotonic() + ms / 1000
    while time.monotonic() < end:
        pass
    await reply(send, 200, b"burned %d ms\n" % ms)


async def page(send):
    """Send the page by which people enter the room. One part is the whole body, so the server knows its length."""
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ROOM_PAGE})


async def stream(query, send):
    """Send n lines with a pause before each but the first: /stream?n=10&ms=100."""
    lines, pause = number(query, "n", 10, 1000), number(query, "ms", 100, 10_000)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    for i in range(1, lines + 1):
        if i > 1:
            await asyncio.sleep(pause / 1000)
        await send({"type": "http.response.body", "body": b"line %d of %d\n" % (i, lines), "more_body": i < lines})


def number(query, name, otherwise, most):
    """Return a value of the query, a number from 1 to most; otherwise, if it is missing or anything else."""
    value = parse_qs(query.decode("latin-1")).get(name, [""])[0]
    if value.isascii() and value.isdigit() and len(value) < 7 and 1 <= int(value) <= most:
        return int(value)
    return otherwise


async def upload(receive, send):
    """Count and hash the request's body as it arrives, and hold only one part of it at a time."""
    digest, n, more = hashlib.sha256(), 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        body, more = event.get("body", b""), event.get("more_body", False)
        digest.update(body)
        n += len(body)
    await reply(send, 200, f"{n} bytes, sha256 {digest.hexdigest()}\n".encode())


class Room:
    """A chat room: every message goes to all members.

    Sending to each in turn would make all wait for the slowest reader. So each member has an outbox, and a member whose
    outbox runs full is asked to leave: with 1013, since it did nothing that is forbidden and may come back.
    """

    OUTBOX = 64

    def __init__(self):
        self.members = {}  # for each outbox an event: it has run full

    async def join(self, scope, receive, send):
        """Serve one member until it leaves. If one of its tasks fails, the others end, and the error is raised."""
        # send raises this when the client has left: since 2.4 of the specification an OSError, before that anything.
        left = OSError if scope["asgi"].get("spec_version", "2.0") >= "2.4" else Exception
        await receive()  # websocket.connect
        outbox, full = asyncio.Queue(self.OUTBOX), asyncio.Event()
        self.members[outbox] = full  # before it knows that it is in: it must miss nothing
        try:
            await send({"type": "websocket.accept"})
            async with asyncio.TaskGroup() as tasks:
                talking = tasks.create_task(self.talk(outbox, send, left))
                talking.add_done_callback(lambda _: full.set())  # a member whose talk has ended must not stay
                dismissing = tasks.create_task(self.dismiss(full, talking, send, left))
                while (event := await receive())["type"] == "websocket.receive":
                    if not full.is_set():  # a member that was asked to leave may not speak
                        self.say(event)
                talking.cancel()
                dismissing.cancel()
        finally:
            self.members.pop(outbox, None)

    async def talk(self, outbox, send, left):
        """Send what is in the outbox. A slow member holds its own task here, and no other."""
        with suppress(left):  # the task that listens receives the disconnect
            while True:
                await send(await outbox.get())

    async def dismiss(self, full, talking, send, left):
        """Ask the member to leave when its outbox has run full, even while talk still waits in send."""
        await full.wait()
        talking.cancel()
        with suppress(left):
            await send({"type": "websocket.close", "code": 1013, "reason": "too slow for this room"})

    def say(self, event):
        message = {"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")}
        for outbox, full in list(self.members.items()):
            try:
                outbox.put_nowait(message)
            except asyncio.QueueFull:
                del self.members[outbox]
                full.set()


host, _, port = os.environ.get("BACKEND", "127.0.0.1:8081").rpartition(":")
application = App((host, int(port)))
