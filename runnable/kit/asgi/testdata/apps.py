"""The applications of apps_test.go in Python, on the server of runnable/asgi."""

import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3] / "asgi"))
import server
import websocket

START = {"type": "http.response.start", "status": 200, "headers": []}
ACCEPT, CLOSE = {"type": "websocket.accept"}, {"type": "websocket.close"}
others, heard = asyncio.Event(), []


def start(*headers, status=200):
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(text, more=False):
    return {"type": "http.response.body", "body": text, "more_body": more}


async def fails(waiting):
    """Return 1 if it raises, else 0, to be added up."""
    try:
        await waiting
    except (OSError, RuntimeError):
        return 1
    return 0


async def hello(send):
    await send(START)
    await send(body(b"hello"))


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        raise ValueError("no lifespan")
    path = scope["path"]
    if scope["type"] == "websocket":
        await receive()
    if path == "/hello":
        await hello(send)
    elif path == "/after-the-end":
        await hello(send)
        await send(body(b"more"))
        await hello(send)
    elif path == "/starts-twice":
        await send(START)
        await send(START)
    elif path == "/starts-twice-and-goes-on":
        await send(START)
        n = await fails(send(START))
        await send(body(b"%d refused" % n))
    elif path == "/body-first":
        await send(body(b"hello"))
    elif path == "/nothing-known":
        await send({"type": "http.response.nonsense"})
    elif path == "/returns":
        pass
    elif path == "/returns-after-start":
        await send(START)
    elif path == "/fails-after-start":
        await send(START)
        raise ValueError("on purpose")
    elif path == "/cancelled":
        raise asyncio.CancelledError
    elif path == "/returns-in-the-middle":
        await send(START)
        await send(body(b"half", True))
    elif path == "/fails-in-the-middle":
        await send(START)
        await send(body(b"half", True))
        raise ValueError("on purpose")
    elif path == "/too-short":
        await send(start((b"content-length", b"10")))
        await send(body(b"half"))
    elif path == "/too-long":
        await send(start((b"content-length", b"1")))
        await send(body(b"half"))
    elif path == "/too-long-in-the-end":
        await send(start((b"content-length", b"5")))
        await send(body(b"half", True))
        await send(body(b"half"))
    elif path == "/name":
        await send(start((b"x y", b"z")))
        await send(body(b"hello"))
    elif path == "/splits":
        await send(start((b"x", b"y\r\nset-cookie: z")))
        await send(body(b"hello"))
    elif path == "/capitals":
        await send(start((b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked"), (b"Connection", b"Close")))
        await send(body(b"hello"))
    elif path == "/two-lengths":
        await send(start((b"content-length", b"5"), (b"content-length", b"6")))
        await send(body(b"hello"))
    elif path == "/no-number":
        await send(start((b"content-length", b"five")))
        await send(body(b"hello"))
    elif path in ("/status-99", "/status-101", "/status-600", "/status-299"):
        await send(start(status=int(path[8:])))
        await send(body(b"hello"))
    elif path == "/late":
        asyncio.create_task(late(receive, send))
    elif path == "/spins":
        await receive()
        await hello(send)
        while not others.is_set():
            await receive()
        others.clear()
    elif path == "/others":
        others.set()
        await hello(send)
    elif path == "/heard":
        await others.wait()
        await send(START)
        await send(body(heard.pop().encode()))
        others.clear()
    elif path == "/never":
        await receive()
        await send(START)
        await send(body(b"half", True))
        await asyncio.sleep(3600)
    elif path == "/ws-returns":
        pass
    elif path == "/ws-sends-first":
        await send({"type": "websocket.send", "text": "hello"})
    elif path == "/ws-accepts-twice":
        await send(ACCEPT)
        await send(ACCEPT)
    elif path == "/ws-splits":
        await send({"type": "websocket.accept", "headers": [(b"x", b"y\r\nset-cookie: z")]})
    elif path == "/ws-protocol":
        await send({"type": "websocket.accept", "subprotocol": "not.offered"})
    elif path == "/ws-both":
        await send(ACCEPT)
        await send({"type": "websocket.send", "text": "x", "bytes": b"y"})
    elif path == "/ws-code":
        await send(ACCEPT)
        await send({"type": "websocket.close", "code": 1006})
    elif path == "/ws-closes-twice":
        await send(ACCEPT)
        await send(CLOSE)
        await send(CLOSE)
    elif path == "/ws-refuses-and-receives":
        await send(CLOSE)
        event = await receive()
        again = await receive()
        heard.append(f"{event['type']} {again['type']} {event['code']} {await fails(send(ACCEPT))}")
        others.set()
    elif path == "/ws-leaves":
        await send(ACCEPT)


async def late(receive, send):
    await receive()
    await asyncio.sleep(0)
    await fails(hello(send))


if __name__ == "__main__":
    server.LINGER = websocket.LINGER = 0.5
    server.GRACE = 0.5
    server.Server(application).run(("127.0.0.1", 0))
