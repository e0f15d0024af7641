# C4.10: a task that cancels itself gets Cancelled where it waits next, even from sleep(0).
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def body(n):
    asyncio.current_task().cancel()
    print("still running")
    try:
        await asyncio.sleep(n)
    except asyncio.CancelledError:
        print("heard")
        raise

async def returns():
    asyncio.current_task().cancel()
    return "too late"

async def main():
    for make in (lambda: body(0), lambda: body(1), returns):
        a = asyncio.create_task(make())
        try:
            print(await a)
        except asyncio.CancelledError as e:
            print(name(e), a.cancelled(), now())

run(main)
