"""The ASGI server with its application, which asks the backend over HTTP with a third-party client (-client).

httpx (2019) can be awaited. requests (2011) cannot: its call holds its thread until the answer is there, so that must
not be the loop's own thread.
"""

import asyncio
import runpy
import sys
from pathlib import Path

RUNNABLE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(RUNNABLE / "asgi"), str(RUNNABLE / "kit/python")]  # before another websocket
import job
from app import App


class WithHTTPX(App):
    def __init__(self, backend):
        import httpx

        super().__init__(backend)
        self.error = httpx.HTTPError
        self.client = httpx.AsyncClient(trust_env=False)  # up to 100 connections; a request waits five seconds for one

    async def ask(self, question):
        try:
            reply = await self.client.get(url(self.backend, question))
            reply.raise_for_status()
            return reply.content
        except self.error as error:
            raise ConnectionError(f"the backend: {error}") from error


class WithRequests(App):
    async def ask(self, question):
        import requests

        def get():
            reply = requests.get(url(self.backend, question), timeout=60)
            reply.raise_for_status()
            return reply.content

        return await asyncio.to_thread(get)  # its errors are OSErrors already


def url(backend, question):
    return "http://%s:%d/?%s" % (*backend, question.decode().rstrip("\n"))


CLIENTS = {"httpx": WithHTTPX, "requests": WithRequests}


def main():
    addr, backend, client = job.flags(client=CLIENTS)
    runpy.run_path(str(RUNNABLE / "asgi/server.py"))["Server"](CLIENTS[client or "httpx"](backend)).run(addr)


if __name__ == "__main__":
    main()
