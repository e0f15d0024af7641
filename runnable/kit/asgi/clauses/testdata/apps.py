"""The applications of apps_test.go in Python: for any server, one process.

What an application learns and the client cannot see is noted, and GET /notes tells it. What happens before the first
client and after the last stands in the file that the environment variable DIARY names.
"""

import asyncio
import os
import runpy
from pathlib import Path

PART, PARTS = 64 << 10, 1024  # of /much

notes, sent = [], 0
gate = None  # an asyncio.Event while /gate waits


async def application(scope, receive, send):
    kind, path = scope["type"], scope.get("path", "")
    if kind == "lifespan":
        await lifespan(scope, receive, send)
    elif kind == "http" and path.startswith("/wsgi/"):
        await under_asgi(scope, receive, send)
    elif kind in ("http", "websocket"):
        await {"http": HTTP, "websocket": WEBSOCKET}[kind][path](scope, receive, send)
    else:
        raise ValueError(f"unknown scope {kind}")


def diary(line):
    with open(os.environ["DIARY"], "a") as file:
        file.write(line + "\n")


async def lifespan(scope, receive, send):
    mode = os.environ.get("LIFESPAN")
    if mode == "raises":
        raise ValueError("what is a lifespan?")
    diary((await receive())["type"])
    if mode == "fails":
        return await send({"type": "lifespan.startup.failed", "message": "no database"})
    if "state" in scope:
        scope["state"].update(name="as it began", pool=[])
    await asyncio.sleep(0.05)
    diary("ready")
    await send({"type": "lifespan.startup.complete"})
    diary((await receive())["type"])
    await send({"type": "lifespan.shutdown.complete"})


async def start(send, *headers, **more):
    headers = [(b"content-type", b"text/plain"), *headers]
    await send({"type": "http.response.start", "status": 200, "headers": headers, **more})


async def body(send, body, more=False, **extra):
    await send({"type": "http.response.body", "body": body, "more_body": more, **extra})


async def text(send, said):
    await start(send)
    await body(send, said.encode("utf-8"))


async def attempt(awaitable):
    """Note the result."""
    try:
        await awaitable
    except OSError:
        return "OSError"
    except Exception:
        return "raised"
    return "taken"


async def read(receive):
    whole, more = b"", True
    while more:
        event = await receive()
        if event["type"] != "http.request":
            raise ValueError(event["type"])
        whole, more = whole + event.get("body", b""), event.get("more_body", False)
    return whole


async def hello(scope, receive, send):
    await receive()
    await text(send, "hello")


async def tell_notes(scope, receive, send):
    said = "; ".join(notes)
    notes.clear()
    await text(send, said)


async def raises(scope, receive, send):
    raise RuntimeError("on purpose")


async def version(scope, receive, send):
    await text(send, scope["asgi"].get("version", "2.0"))


async def spec(scope, receive, send):
    await text(send, scope["asgi"].get("spec_version", "2.0"))


async def extra(scope, receive, send):
    await start(send, battery=7)
    await body(send, b"fine", battery=[None])


async def unknown(scope, receive, send):
    came = await attempt(send({"type": "http.response.sing"}))
    await text(send, came)


async def own(scope, receive, send):
    await receive()
    mark = "used" if "battery.mark" in scope else "fresh"
    scope["battery.mark"] = True
    await text(send, mark)


async def mounted(scope, receive, send):
    async def inner(scope, receive, send):
        await text(send, scope["root_path"] + " " + scope["path"])

    await inner({**scope, "root_path": "/mounted", "path": "/at"}, receive, send)
    notes.append(scope["root_path"] + " " + scope["path"])


async def echo_scope(scope, receive, send):
    whole = await read(receive)
    query = scope["query_string"].decode("ascii")
    lines = [f"{scope['method']} {scope['scheme']} {scope['http_version']} {scope['path']} {query} {whole.decode()}"]
    lines += [f"{name.decode()}={value.decode()}" for name, value in scope["headers"]]
    await text(send, "\n".join(lines))


async def addresses(scope, receive, send):
    (_, client), (host, server) = scope["client"], scope["server"]
    await text(send, f"{scope['client'][0]} {client > 0}, {host} {server > 0}")


async def ill_framed(scope, receive, send):
    await start(send, (b"transfer-encoding", b"gzip"), (b"x-order", b"1"), (b"x-order", b"2"))
    await body(send, b"plain")


def framed(status, length, said):
    """Answer with a status, a Content-Length if length is not empty, and a body."""

    async def app(scope, receive, send):
        headers = [(b"content-length", length)] if length else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await body(send, said)

    return app


async def echo(scope, receive, send):
    await text(send, (await read(receive)).decode())


async def fails(scope, receive, send):
    await start(send)
    raise RuntimeError("after the start")


async def forgets(scope, receive, send):
    await start(send)


async def body_first(scope, receive, send):
    await body(send, b"early")


async def torn(scope, receive, send):
    await start(send)
    await body(send, b"half", more=True)
    raise RuntimeError("in the body")


async def wait_at_gate(scope, receive, send):
    global gate
    gate = asyncio.Event()
    await start(send)
    await body(send, b"one", more=True)
    await gate.wait()
    await body(send, b"two")
    late = await attempt(body(send, b"three"))
    notes.append(f"{late}, {await attempt(start(send))}")


async def open_gate(scope, receive, send):
    gate.set()
    await text(send, "open")


async def much(scope, receive, send):
    global sent
    sent, came = 0, "taken"
    await start(send)
    while came == "taken" and sent < PARTS:
        came = await attempt(body(send, bytes(PART), more=True))
        sent += 1
    notes.append(came)
    if came == "taken":
        await body(send, b"")


async def how_much(scope, receive, send):
    await text(send, str(sent))


async def poll(scope, receive, send):
    await receive()
    notes.append("polls")
    notes.append((await receive())["type"])
    notes.append(await attempt(text(send, "are you there?")))


async def after(scope, receive, send):
    await receive()
    await text(send, "done")
    notes.append((await receive())["type"])


async def state(scope, receive, send):
    if "state" not in scope:
        return await text(send, "none")
    mine = scope["state"]
    name, mine["name"] = mine["name"], "changed"
    mine["pool"].append(1)
    await text(send, f"{name} {len(mine['pool'])}")


async def extensions(scope, receive, send):
    await text(send, " ".join(sorted(scope.get("extensions") or {})))


async def trailers(scope, receive, send):
    if "http.response.trailers" in (scope.get("extensions") or {}):
        return await text(send, "advertised")
    came = await attempt(send({"type": "http.response.trailers", "headers": []}))
    await text(send, came)


async def searches(query):
    """The search function for the chapter's first program."""
    if query == b"fails":
        raise ValueError("no index")
    if query == b"waits":
        notes.append("searching")
        try:
            await asyncio.Event().wait()
        finally:
            notes.append("given up")
    return b"found " + query


async def search(scope, receive, send):
    """Run the program as it is printed, except for its search function and its output."""
    program = runpy.run_path(str(Path(__file__).resolve().parents[4] / "asgi/search.py"))
    program["app"].__globals__.update(search=searches, print=lambda what: notes.append(str(what)))
    await program["app"](scope, receive, send)


HTTP = {
    "/hello": hello, "/notes": tell_notes, "/raises": raises, "/version": version, "/spec": spec, "/extra": extra,
    "/unknown": unknown, "/own": own, "/mounted/at": mounted, "/caf\xe9 /scope": echo_scope, "/addresses": addresses,
    "/no-content": framed(204, b"0", b""), "/no-content-named": framed(204, b"5", b"hello"), "/reset": framed(205,
    b"5", b"hello"),
    "/not-modified": framed(304, b"5", b""), "/not-modified-bodied": framed(304, b"", b"hello"),
    "/named": framed(200, b"5", b"hello"), "/empty": framed(200, b"", b""),
    "/ill-framed": ill_framed, "/echo": echo, "/fails": fails, "/forgets": forgets, "/body-first": body_first,
    "/torn": torn,
    "/gate": wait_at_gate, "/open": open_gate, "/much": much, "/how-much": how_much, "/poll": poll, "/after": after,
    "/search": search, "/state": state, "/extensions": extensions, "/trailers": trailers,
}  # fmt: skip


async def under_asgi(scope, receive, send):
    """A WSGI application, if asgiref's bridge is installed."""
    try:
        from asgiref.wsgi import WsgiToAsgi
    except ImportError:
        return await text(send, "no bridge here")

    def app(environ, start_response):
        start_response("201 Created", [("X-A", "1"), ("X-A", "2")])
        names = "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_LENGTH", "HTTP_X_B"
        yield ", ".join(f"{name}={environ[name]}" for name in names).encode("latin-1")
        yield b", " + environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))

    await WsgiToAsgi(app)(scope, receive, send)


# WebSockets.


async def accept(receive, send, **more):
    notes.append((await receive())["type"])
    await send({"type": "websocket.accept", **more})


async def close(send, **more):
    await send({"type": "websocket.close", **more})


async def refuses(scope, receive, send):
    await receive()
    await close(send)


async def denies(scope, receive, send):
    await receive()
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        return await close(send)
    await send({"type": "websocket.http.response.start", "status": 401, "headers": [(b"www-authenticate", b"Basic")]})
    await send({"type": "websocket.http.response.body", "body": b"who are you?"})


async def early(scope, receive, send):
    await receive()
    notes.append(await attempt(send({"type": "websocket.send", "text": "too early"})))
    await close(send)


async def hesitates(scope, receive, send):
    notes.append((await receive())["type"])
    left = await receive()  # not accepted, so only the disconnect can follow
    notes.append(f"{left['type']} {left.get('code')}")


async def greets(scope, receive, send):
    await accept(receive, send, subprotocol="chat.v2", headers=[(b"x-room", b"1"), (b"content-length", b"0")])
    await send({"type": "websocket.send", "text": scope["path"] + " " + "+".join(scope["subprotocols"])})


async def talks(scope, receive, send):
    """Send back every message, and note how it ended."""
    await accept(receive, send)
    while (event := await receive())["type"] == "websocket.receive":
        text, data = event.get("text"), event.get("bytes")
        if (text is None) == (data is None):
            notes.append("both or neither")
        await send({"type": "websocket.send", **({"bytes": data} if text is None else {"text": text})})
    notes.append(f"{event.get('code')} {event.get('reason') or ''}".strip())


async def both(scope, receive, send):
    await accept(receive, send)
    notes.append(await attempt(send({"type": "websocket.send", "text": "x", "bytes": b"y"})))


async def returns(scope, receive, send):
    await accept(receive, send)


async def stumbles(scope, receive, send):
    await accept(receive, send)
    raise RuntimeError("on purpose")


async def leaves(scope, receive, send):
    await accept(receive, send)
    await close(send)


async def leaves_badly(scope, receive, send):
    await accept(receive, send)
    notes.append(await attempt(close(send, code=1005)))
    await attempt(close(send, code=1000))


async def late(scope, receive, send):
    await accept(receive, send)
    while (await receive())["type"] == "websocket.receive":
        pass
    notes.append(await attempt(send({"type": "websocket.send", "text": "late"})))


async def spec_of_socket(scope, receive, send):
    await accept(receive, send)
    await send({"type": "websocket.send", "text": scope["asgi"].get("spec_version", "2.0")})


WEBSOCKET = {
    "/refuses": refuses, "/denies": denies, "/raises": raises, "/early": early, "/hesitates": hesitates,
    "/greets": greets,
    "/talks": talks, "/both": both, "/returns": returns, "/stumbles": stumbles, "/leaves": leaves,
    "/leaves-badly": leaves_badly,
    "/late": late, "/spec": spec_of_socket,
}  # fmt: skip
