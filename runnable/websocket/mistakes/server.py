"""Applications and middlewares with one mistake at a time, and beside each the same without; -mistake selects.

The WSGI ones run on wsgiref, the ASGI ones on the server of the folder asgi.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs

RUNNABLE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(RUNNABLE / "kit/python"))
import job


def collecting(app):
    """Write the body in capitals: collect the whole body first, and until then pass nothing on."""

    def middleware(environ, start_response):
        whole = b"".join(app(environ, start_response))  # the mistake: nothing is sent until the last chunk is made
        return [whole.upper()]

    return middleware


def passing_on(app):
    """Write each chunk in capitals as it comes."""

    def middleware(environ, start_response):
        for chunk in app(environ, start_response):
            yield chunk.upper()

    return middleware


def stream(environ, start_response):
    """Yield n lines with a pause before each but the first: /stream?n=10&ms=100."""
    lines, pause = number(environ["QUERY_STRING"], "n"), number(environ["QUERY_STRING"], "ms")
    start_response("200 OK", [("Content-Type", "text/plain")])
    for i in range(1, lines + 1):
        if i > 1:
            time.sleep(pause / 1000)
        yield b"line %d of %d\n" % (i, lines)


def queueing(app):
    """Add a header. The application runs in a task of its own, and its events are taken from a queue."""

    async def middleware(scope, receive, send):
        queue = asyncio.Queue()  # the mistake: it is never full, so the application never waits

        async def run():
            try:
                await app(scope, receive, queue.put)
            finally:
                await queue.put(None)

        running = asyncio.create_task(run())
        try:
            while event := await queue.get():
                await send(stamped(event))  # the client holds the middleware here, but not the application
            await running  # raises what the application has raised
        finally:
            running.cancel()  # if we end before it, because the client has left
            await asyncio.wait([running])

    return middleware


def awaiting_send(app):
    """Add the same header, in a function that awaits the server's send: a client that does not read holds the call."""

    async def middleware(scope, receive, send):
        async def stamp(event):
            await send(stamped(event))

        await app(scope, receive, stamp)

    return middleware


def stamped(event):
    if event["type"] == "http.response.start":
        event = {**event, "headers": [*event.get("headers", []), (b"x-seen", b"by a middleware")]}
    return event


def rows(backend):
    """Send n rows of a table, and fetch each when the one before is sent: /rows?n=100&size=65536."""

    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise ValueError(f"unknown scope {scope['type']}")
        query = scope["query_string"].decode("latin-1")
        reader, writer = await asyncio.open_connection(*backend, limit=1 << 20)
        try:
            await send({"type": "http.response.start", "status": 200})
            for _ in range(number(query, "n")):
                writer.write(b"size=%d\n" % number(query, "size"))
                row = await reader.readline()
                await send({"type": "http.response.body", "body": row, "more_body": True})
            await send({"type": "http.response.body"})
        finally:
            writer.close()

    return app


class InTurn:
    """A chat room of the simplest kind."""

    def __init__(self):
        self.members = []  # their sends, in the order in which they came

    async def __call__(self, scope, receive, send):
        if scope["type"] != "websocket":
            raise ValueError(f"unknown scope {scope['type']}")
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        self.members.append(send)
        try:
            while (event := await receive())["type"] == "websocket.receive":
                await self.say(event["text"])
        finally:
            self.members.remove(send)

    async def say(self, text):
        """Send to each in turn. A member that does not read holds the speaker, and all members behind it."""
        for send in list(self.members):  # they may come and go meanwhile
            try:
                await send({"type": "websocket.send", "text": text})  # the mistake
            except OSError:
                pass  # it has left, and its own task receives that


def number(query, name):
    """Return a value of the query, 1 if it is missing."""
    return int(parse_qs(query).get(name, ["1"])[0])


def serve_wsgi(app, addr):
    sys.path.insert(0, str(RUNNABLE / "wsgi"))
    import server

    serving = server.Server(addr, server.Handler)
    serving.set_app(app)
    print("listening on %s:%d" % serving.server_address, flush=True)
    serving.serve_forever()


def serve_asgi(app, addr):
    sys.path.insert(0, str(RUNNABLE / "asgi"))
    import server

    server.Server(app).run(addr)


def main():
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-mistake", "--mistake", required=True)
    args, sys.argv[1:] = parser.parse_known_args()  # leave the others to job
    addr, backend = job.flags()
    match args.mistake:
        case "collecting":
            serve_wsgi(collecting(stream), addr)
        case "passing-on":
            serve_wsgi(passing_on(stream), addr)
        case "queueing":
            serve_asgi(queueing(rows(backend)), addr)
        case "awaiting-send":
            serve_asgi(awaiting_send(rows(backend)), addr)
        case "in-turn":
            serve_asgi(InTurn(), addr)
        case other:
            sys.exit(f"-mistake {other}: there is no such server")


if __name__ == "__main__":
    main()
