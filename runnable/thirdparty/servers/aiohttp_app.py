"""The little application in aiohttp, which is server and framework in one and knows neither WSGI nor ASGI."""

import asyncio

import little
from aiohttp import web
from app import App, number

routes = web.RouteTableDef()
backend = App(little.backend)


@routes.get("/")
async def hello(request):
    return web.Response(text="hello\n")


@routes.get("/ask")
async def ask(request):
    try:
        line = await backend.ask(request.rel_url.raw_query_string.encode() + b"\n")
        return web.Response(body=line, content_type="text/plain")
    except OSError:
        return web.Response(text="Bad Gateway\n", status=502)


@routes.get("/stream")
async def stream(request):
    query = request.rel_url.raw_query_string.encode()
    n, ms = number(query, "n", 10, 1000), number(query, "ms", 100, 10_000)
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    for i in range(n):
        if i > 0:
            await asyncio.sleep(ms / 1000)
        await response.write(b"line %d of %d\n" % (i + 1, n))
    return response


@routes.post("/upload")
async def upload(request):
    body = little.Upload()
    async for piece in request.content.iter_any():
        body.add(piece)
    return web.Response(text=body.line())


application = web.Application()
application.add_routes(routes)
