# C4.12: a child fails while the block waits at its end, or while the body runs: no request to cancel stays behind.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def fails(error, seconds):
    await asyncio.sleep(seconds)
    raise error

async def grouped(body):
    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(fails(KeyError(), 1))
            await asyncio.sleep(body)
    except* KeyError as e:
        print(name(e), asyncio.current_task().cancelling(), now())

async def main():
    await grouped(0)
    await grouped(9)
    # So a timeout around it can tell its own request from the group's.
    try:
        async with asyncio.timeout(3):
            await grouped(0)
            await asyncio.sleep(9)
    except TimeoutError as e:
        print(name(e), asyncio.current_task().cancelling(), now())

run(main)
