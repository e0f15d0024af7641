# C4.10: a cancellation arrives at the next suspension; a task may clean up after it, delay it, or ignore it.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def sleeper(name):
    print(name, "starts")
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print(name, "cancelled at", now())
        raise
    finally:
        print(name, "finally")

async def slow(name):
    try:
        await asyncio.sleep(10)
    finally:
        await asyncio.sleep(3)
        print(name, "cleaned up at", now())

async def deaf(name):
    for i in range(2):
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            print(name, "ignores it at", now())
    return "late"

async def outcome(task):
    try:
        print("result", await task)
    except asyncio.CancelledError as e:
        print(name(e), task.cancelled())

async def main():
    never = asyncio.create_task(sleeper("never"))
    print(never.cancel(), never.done())
    await outcome(never)

    a = asyncio.create_task(sleeper("a"))
    await asyncio.sleep(1)
    print(a.cancel(), a.done())
    await outcome(a)
    print(a.cancel())

    b = asyncio.create_task(slow("b"))
    await asyncio.sleep(1)
    b.cancel()
    await outcome(b)

    c = asyncio.create_task(deaf("c"))
    await asyncio.sleep(1)
    c.cancel()
    await outcome(c)
    print(c.cancelled(), now())

run(main)
