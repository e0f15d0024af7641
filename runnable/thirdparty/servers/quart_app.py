"""The little application in Quart: Flask's interface, with an await where a thread of Flask waits."""

import asyncio

import little
from app import App, number
from quart import Quart, Response, request

application = Quart(__name__)
backend = App(little.backend)


@application.get("/")
async def hello():
    return text("hello\n")


@application.get("/ask")
async def ask():
    try:
        return text(await backend.ask(request.query_string + b"\n"))
    except OSError:
        return text("Bad Gateway\n", 502)


@application.get("/stream")
async def stream():
    n, ms = number(request.query_string, "n", 10, 1000), number(request.query_string, "ms", 100, 10_000)

    async def lines():
        for i in range(n):
            if i > 0:
                await asyncio.sleep(ms / 1000)
            yield f"line {i + 1} of {n}\n".encode()

    return text(lines())


@application.post("/upload")
async def upload():
    body = little.Upload()
    async for piece in request.body:
        body.add(piece)
    return text(body.line())


@application.errorhandler(404)
async def nowhere(error):
    return text("Not Found\n", 404)


def text(body, status=200):
    return Response(body, status, content_type="text/plain")
