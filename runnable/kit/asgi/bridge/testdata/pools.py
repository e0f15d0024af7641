"""How many threads the bridges of others have, and how far an application may run ahead of a client that stops reading.

Prints a line for each: its name, the threads on which forty calls ran, and the most pieces that were made but not sent.
"""

import asyncio
import threading
import warnings

from asgiref.wsgi import WsgiToAsgi
from starlette.concurrency import run_in_threadpool

warnings.simplefilter("ignore")  # the deprecation of Uvicorn's bridge
from uvicorn.middleware.wsgi import WSGIMiddleware

CALLS, PIECES, PATIENCE = 40, 400, 30
SCOPE = {
    "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/", "query_string": b"",
    "headers": [],
    "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
}  # fmt: skip


class Meeting:
    """Calls that wait for each other until the expected number of threads is reached. Later calls do not wait."""

    def __init__(self, threads):
        self.threads, self.expected, self.all_here = set(), threads, threading.Event()

    def call(self):
        self.threads.add(threading.get_ident())
        if len(self.threads) >= self.expected:
            self.all_here.set()
        self.all_here.wait(PATIENCE)

    def wsgi(self, environ, start_response):
        self.call()
        start_response("200 OK", [])
        return [b"hello\n"]


async def receive():
    return {"type": "http.request"}


async def sent(event):
    pass


async def threads(bridge, expected):
    meeting = Meeting(expected)
    app = bridge(meeting.wsgi)
    await asyncio.gather(*(app(SCOPE, receive, sent) for _ in range(CALLS)))
    return len(meeting.threads)


async def ahead(bridge, expected):
    """The first send waits until the expected pieces are made: never, if the application waits for it."""
    made, most, enough = 0, 0, threading.Event()

    def app(environ, start_response):
        nonlocal made
        start_response("200 OK", [])
        for made in range(1, PIECES + 1):
            if made == expected:
                enough.set()
            yield b"piece"

    pieces = 0

    async def send(event):
        nonlocal pieces, most
        await asyncio.to_thread(enough.wait, PATIENCE)
        enough.set()
        most = max(most, made - pieces)
        pieces += bool(event.get("body"))

    await bridge(app)(SCOPE, receive, send)
    return most


async def plain_views():
    meeting = Meeting(CALLS)
    await asyncio.gather(*(run_in_threadpool(meeting.call) for _ in range(CALLS + 1)))
    return len(meeting.threads)


async def main():
    print("asgiref", await threads(WsgiToAsgi, 1), await ahead(WsgiToAsgi, 1))
    print("uvicorn", await threads(WSGIMiddleware, 10), await ahead(WSGIMiddleware, PIECES))
    print("starlette", await plain_views())


asyncio.run(main())
