# C4.12: a group that is cancelled from outside cancels its tasks, waits for them, and passes the cancellation on.
# (CPython keeps them in a set: the order in which it cancels is not defined. So each takes its own time.)
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def work(who, cleanup):
    try:
        await asyncio.sleep(10)
    finally:
        await asyncio.sleep(cleanup)
        print(who, "cleaned up at", now())

async def grouped(in_body):
    async with asyncio.TaskGroup() as g:
        g.create_task(work("a", 2))
        g.create_task(work("b", 3))
        if in_body:
            await asyncio.sleep(10)

async def main():
    for in_body in (True, False):
        t = asyncio.create_task(grouped(in_body))
        await asyncio.sleep(1)
        t.cancel()
        try:
            await t
        except BaseException as e:
            print(name(e), t.cancelled(), now())

run(main)
