"""The little application in FastAPI, which stands on Starlette: what a handler wants to know, its parameters say."""

import asyncio

import little
from app import App
from fastapi import FastAPI, Query, Request
from fastapi.responses import PlainTextResponse, StreamingResponse

application = FastAPI()
backend = App(little.backend)


@application.get("/", response_class=PlainTextResponse)
async def hello():
    return "hello\n"


@application.get("/ask", response_class=PlainTextResponse)
async def ask(request: Request):
    try:
        return PlainTextResponse(await backend.ask(request.scope["query_string"] + b"\n"))
    except OSError:
        return PlainTextResponse("Bad Gateway\n", 502)


@application.get("/stream")
async def stream(n: int = Query(10, ge=1, le=1000), ms: int = Query(100, ge=1, le=10_000)):
    async def lines():
        for i in range(n):
            if i > 0:
                await asyncio.sleep(ms / 1000)
            yield f"line {i + 1} of {n}\n"

    return StreamingResponse(lines(), media_type="text/plain")
