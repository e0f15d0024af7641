"""The first application of the chapter: a search that is cancelled when the client leaves.

Any ASGI server runs it: Uvicorn takes "search:app" in this folder, and this file as a program runs it on the server
beside it. It needs Python 3.11, for task groups.
"""

import asyncio


async def app(scope, receive, send):
    assert scope["type"] == "http"
    while (await receive()).get("more_body"):
        pass  # the request is here when all of its body is
    async with asyncio.TaskGroup() as both:
        work = both.create_task(search(scope["query_string"]))
        left = both.create_task(receive())  # what comes next?
        await asyncio.wait([work, left], return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            print(left.result())
        work.cancel()  # does nothing to a task that is done
        left.cancel()
    if not work.cancelled():
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": work.result()})


async def search(query):
    try:
        await asyncio.sleep(10)  # here it waits for the database
        return b"found: %b\n" % query
    except asyncio.CancelledError:
        print("search given up")
        raise


if __name__ == "__main__":
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit/python"))
    import job
    import server

    addr, _ = job.flags()
    server.Server(app).run(addr)
