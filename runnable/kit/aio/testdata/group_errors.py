# C4.12: errors of siblings that fail while they are cancelled are kept; a cancelled child is no error.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def fails(error, seconds):
    await asyncio.sleep(seconds)
    raise error

async def fails_at_cancel(error):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        raise error

async def main():
    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(fails(KeyError(), 1))
            g.create_task(fails_at_cancel(ValueError()))
            g.create_task(fails_at_cancel(OSError()))
    except BaseExceptionGroup as e:
        print(name(e))
    async with asyncio.TaskGroup() as g:
        a = g.create_task(fails(KeyError(), 1))
        b = g.create_task(asyncio.sleep(2))
        a.cancel()
    print(a.cancelled(), b.cancelled(), now())

run(main)
