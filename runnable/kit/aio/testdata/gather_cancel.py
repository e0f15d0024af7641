# C4.11: cancelling a gather cancels its children; a cancelled child does not cancel the gather.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def work(who):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print(who, "cancelled")
        raise
    print(who, "ends")

async def waiter(futures):
    try:
        await asyncio.gather(*futures)
    except asyncio.CancelledError as e:
        print("waiter", name(e))
        raise

async def main():
    tasks = [asyncio.create_task(work(who)) for who in "abc"]
    w = asyncio.create_task(waiter(tasks))
    await asyncio.sleep(1)
    w.cancel()
    try:
        await w
    except asyncio.CancelledError:
        print([t.cancelled() for t in tasks])

    tasks = [asyncio.create_task(work(who)) for who in "de"]
    all = asyncio.gather(*tasks)
    await asyncio.sleep(1)
    tasks[0].cancel()
    try:
        await all
    except asyncio.CancelledError as e:
        print(name(e), tasks[1].done())
    await tasks[1]

run(main)
