# C4.14: a cancellation from outside is not taken for the timeout, nor one timeout for another.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def timed():
    try:
        async with asyncio.timeout(5):
            await asyncio.sleep(10)
    except TimeoutError:
        print("TimedOut")
    except asyncio.CancelledError:
        print("Cancelled at", now())
        raise

async def main():
    t = asyncio.create_task(timed())
    await asyncio.sleep(1)
    t.cancel()
    try:
        await t
    except asyncio.CancelledError as e:
        print(name(e), t.cancelled())
    try:
        async with asyncio.timeout(2):
            try:
                async with asyncio.timeout(9):
                    await asyncio.sleep(20)
            except TimeoutError:
                print("the inner one")
    except TimeoutError:
        print("the outer one at", now())
    try:
        async with asyncio.timeout(9):
            try:
                async with asyncio.timeout(2):
                    await asyncio.sleep(20)
            except TimeoutError:
                print("the inner one at", now())
            await asyncio.sleep(1)
            print("goes on at", now())
    except TimeoutError:
        print("the outer one")

run(main)
