# C4.10: two requests before the task runs again count as one; a second may interrupt a cleanup.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def body():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("first at", now())
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            print("second at", now())
            raise
        print("cleaned up")

async def main():
    a = asyncio.create_task(body())
    await asyncio.sleep(1)
    a.cancel()
    a.cancel()
    await asyncio.sleep(1)
    print(a.done(), a.cancelling())
    a.cancel()
    try:
        await a
    except asyncio.CancelledError as e:
        print(name(e))

run(main)
