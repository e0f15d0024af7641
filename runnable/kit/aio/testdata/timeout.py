# C4.13, C4.14: a timeout cancels and waits; a body that ignores it returns late, without a TimeoutError.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def slow_cleanup():
    try:
        await asyncio.sleep(10)
    finally:
        await asyncio.sleep(2)
        print("cleaned up at", now())

async def deaf():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        await asyncio.sleep(3)
    return "late"

async def timed(seconds, work):
    try:
        async with asyncio.timeout(seconds):
            print("result", await work)
    except TimeoutError as e:
        print(name(e), "at", now(), asyncio.current_task().cancelling())

async def main():
    await timed(5, asyncio.sleep(1, "in time"))
    await timed(5, asyncio.sleep(9))
    await timed(1, slow_cleanup())
    await timed(1, deaf())
    print("after the deaf at", now(), asyncio.current_task().cancelling())
    await timed(0, asyncio.sleep(1, "never"))
    try:
        await timed(1, asyncio.create_task(fails()))
    except KeyError as e:
        print(name(e))

async def fails():
    raise KeyError

run(main)
