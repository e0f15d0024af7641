# A bounded queue makes the producer wait; a consumer that is cancelled in line loses nothing.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def producer(q):
    for i in range(5):
        await q.put(i)
        print("put", i, q.qsize())

async def consumer(who, q):
    try:
        while True:
            got = await q.get()
            print(who, "got", got)
            await asyncio.sleep(1)
    except asyncio.CancelledError:
        print(who, "cancelled")
        raise

async def main():
    q = asyncio.Queue(2)
    p = asyncio.create_task(producer(q))
    await asyncio.sleep(1)
    consumers = [asyncio.create_task(consumer(who, q)) for who in "ab"]
    await p
    await asyncio.sleep(10)
    consumers[0].cancel()
    await asyncio.sleep(0)
    await q.put("last")
    await asyncio.sleep(1)
    for c in consumers:
        c.cancel()
    await asyncio.wait(consumers)
    try:
        q.get_nowait()
    except asyncio.QueueEmpty:
        print("empty")
    for i in range(2):
        q.put_nowait(i)
    try:
        q.put_nowait(2)
    except asyncio.QueueFull:
        print("full")
    # Both in the same turn: one consumer is given its turn and cancelled.
    q = asyncio.Queue()
    a, b = (asyncio.create_task(consumer(who, q)) for who in "cd")
    await asyncio.sleep(1)
    q.put_nowait("for c or d")
    a.cancel()
    await asyncio.sleep(2)
    b.cancel()
    await asyncio.wait([a, b])

run(main)
