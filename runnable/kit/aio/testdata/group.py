# C4.12: a group waits for all; the first failure cancels siblings and the body.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def work(who, seconds, error=None):
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        print(who, "cancelled at", now())
        raise
    if error:
        print(who, "fails at", now())
        raise error
    print(who, "ends at", now())
    return who

async def main():
    async with asyncio.TaskGroup() as g:
        a = g.create_task(work("a", 2))
        g.create_task(work("b", 1))
        print("body ends")
    print(a.result(), "and all at", now())

    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(work("c", 5))
            g.create_task(work("d", 1, KeyError()))
            try:
                await asyncio.sleep(10)
            finally:
                print("body cancelled at", now())
    except* KeyError as e:
        print(name(e), asyncio.current_task().cancelling())

    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(work("e", 5))
            await asyncio.sleep(1)
            raise ValueError
    except* ValueError as e:
        print(name(e))
    await asyncio.sleep(1)
    print("end at", now())

run(main)
