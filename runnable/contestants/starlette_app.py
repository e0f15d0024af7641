"""The little application in Starlette: a list of routes, and handlers that may await."""

import asyncio

import little
from app import App, number
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

backend = App(little.backend)


async def hello(request):
    return PlainTextResponse("hello\n")


async def ask(request):
    try:
        return PlainTextResponse(await backend.ask(request.scope["query_string"] + b"\n"))
    except OSError:
        return PlainTextResponse("Bad Gateway\n", 502)


async def stream(request):
    query = request.scope["query_string"]
    n, ms = number(query, "n", 10, 1000), number(query, "ms", 100, 10_000)

    async def lines():
        for i in range(n):
            if i > 0:
                await asyncio.sleep(ms / 1000)
            yield f"line {i + 1} of {n}\n"

    return StreamingResponse(lines(), media_type="text/plain")


application = Starlette(routes=[Route("/", hello), Route("/ask", ask), Route("/stream", stream)])
