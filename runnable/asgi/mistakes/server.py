"""An ASGI application whose handler asks the backend in a call that blocks, and the same with that call on a thread.

-ask selects.
"""

import asyncio
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2] / "kit/python")]
import job
import server
from app import reply


async def blocking(backend, question):
    """Ask in a call that blocks. That the handler is async does not help: the one thread that runs them all sleeps."""
    return job.ask(backend, question)  # the mistake


async def thread(backend, question):
    """Make the same call on a thread, and await the thread: meanwhile the others have their turn."""
    return await asyncio.to_thread(job.ask, backend, question)


def application(backend, ask):
    """Answer / at once, and /ask with the backend's line."""

    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise ValueError(f"unknown scope {scope['type']}")
        if scope["path"] == "/":
            await reply(send, 200, b"hello\n")
        elif scope["path"] == "/ask":
            try:
                line = await ask(backend, scope["query_string"] + b"\n")
            except OSError:
                return await reply(send, 502, b"Bad Gateway\n")
            await reply(send, 200, line)
        else:
            await reply(send, 404, b"Not Found\n")

    return app


if __name__ == "__main__":
    addr, backend, how = job.flags(ask=["blocking", "thread"])
    server.Server(application(backend, thread if how == "thread" else blocking)).run(addr)
