# C4.15: a shield protects the work, not the task that waits.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def work():
    try:
        await asyncio.sleep(5)
    except asyncio.CancelledError:
        print("work cancelled")
        raise
    print("work ends at", now())
    return "done"

async def waiter(task):
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        print("waiter cancelled at", now())
        raise

async def main():
    task = asyncio.create_task(work())
    w = asyncio.create_task(waiter(task))
    await asyncio.sleep(1)
    w.cancel()
    try:
        await w
    except asyncio.CancelledError as e:
        print(name(e), task.done())
    print(await task, await asyncio.shield(task))
    task = asyncio.create_task(work())
    s = asyncio.shield(task)
    await asyncio.sleep(1)
    task.cancel()
    try:
        await s
    except asyncio.CancelledError as e:
        print(name(e), s.cancelled())

run(main)
