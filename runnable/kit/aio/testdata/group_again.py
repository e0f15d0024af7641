# C4.12: a group is cancelled from outside while it handles an error. The group raises the error; the
# cancellation is not lost with it.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def fails(error, seconds):
    await asyncio.sleep(seconds)
    raise error

async def clears_up():
    try:
        await asyncio.sleep(99)
    finally:
        await asyncio.sleep(5)

async def grouped(body):
    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(fails(KeyError(), 1))
            g.create_task(clears_up())
            await asyncio.sleep(body)
    except* KeyError as e:
        print(name(e), asyncio.current_task().cancelling(), now())
    try:
        await asyncio.sleep(9)
        print("slept to the end", now())
    except asyncio.CancelledError:
        print("cancelled", now())
        raise

async def main():
    for body in (99, 0):
        t = asyncio.create_task(grouped(body))
        await asyncio.sleep(2)
        t.cancel()
        try:
            await t
        except asyncio.CancelledError:
            pass
        print(t.cancelled(), now())
    # The same with a timeout instead of a task outside.
    try:
        async with asyncio.timeout(2):
            await grouped(0)
    except TimeoutError as e:
        print(name(e), asyncio.current_task().cancelling(), now())

run(main)
