"""The little application in FastAPI, which is built on Starlette: a handler's parameters declare what it needs."""

import asyncio

import little
from app import App
from fastapi import FastAPI, Query, Request
from fastapi.responses import Response, StreamingResponse

application = FastAPI()
backend = App(little.backend)
PLAIN = {"content-type": "text/plain"}  # as a media_type, a charset would be added


@application.head("/")
@application.get("/")
async def hello():
    return text("hello\n")


@application.get("/ask")
async def ask(request: Request):
    try:
        return text(await backend.ask(request.scope["query_string"] + b"\n"))
    except OSError:
        return text("Bad Gateway\n", 502)


@application.get("/stream")
async def stream(n: int = Query(10, ge=1, le=1000), ms: int = Query(100, ge=1, le=10_000)):
    async def lines():
        for i in range(n):
            if i > 0:
                await asyncio.sleep(ms / 1000)
            yield f"line {i + 1} of {n}\n"

    return StreamingResponse(lines(), headers=PLAIN)


@application.post("/upload")
async def upload(request: Request):
    body = little.Upload()
    async for piece in request.stream():
        body.add(piece)
    return text(body.line())


@application.exception_handler(404)
async def nowhere(request, error):
    return text("Not Found\n", 404)


def text(body, status=200):
    return Response(body, status, PLAIN)
