# C4.10: cancelling a task that awaits another cancels the other first.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def inner():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("inner")
        raise

async def outer(task):
    try:
        await task
    except asyncio.CancelledError:
        print("outer")
        raise

async def main():
    a = asyncio.create_task(inner())
    b = asyncio.create_task(outer(a))
    await asyncio.sleep(1)
    b.cancel()
    try:
        await b
    except asyncio.CancelledError as e:
        print(name(e), a.cancelled(), b.cancelled())
    c = asyncio.create_task(inner())
    d = asyncio.create_task(outer(c))
    await asyncio.sleep(1)
    c.cancel()
    try:
        await d
    except asyncio.CancelledError as e:
        print(name(e), c.cancelled(), d.cancelled())

run(main)
