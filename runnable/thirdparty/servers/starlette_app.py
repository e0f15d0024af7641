"""The little application in Starlette: a list of routes, and handlers that may await."""

import asyncio

import little
from app import App, number
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

backend = App(little.backend)
PLAIN = {"content-type": "text/plain"}  # as a media_type, a charset would be added


async def hello(request):
    return text("hello\n")


async def ask(request):
    try:
        return text(await backend.ask(request.scope["query_string"] + b"\n"))
    except OSError:
        return text("Bad Gateway\n", 502)


async def stream(request):
    query = request.scope["query_string"]
    n, ms = number(query, "n", 10, 1000), number(query, "ms", 100, 10_000)

    async def lines():
        for i in range(n):
            if i > 0:
                await asyncio.sleep(ms / 1000)
            yield f"line {i + 1} of {n}\n"

    return StreamingResponse(lines(), headers=PLAIN)


async def upload(request):
    body = little.Upload()
    async for piece in request.stream():
        body.add(piece)
    return text(body.line())


async def nowhere(request, error):
    return text("Not Found\n", 404)


def text(body, status=200):
    return Response(body, status, PLAIN)


application = Starlette(
    routes=[
        Route("/", hello),
        Route("/ask", ask),
        Route("/stream", stream),
        Route("/upload", upload, methods=["POST"]),
    ],
    exception_handlers={404: nowhere},
)
