# C4.12: requests to cancel are counted, and taken back one by one.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def body():
    me = asyncio.current_task()
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print(me.cancelling(), me.uncancel(), me.uncancel(), me.uncancel())
    await asyncio.sleep(1)
    return "on"

async def main():
    t = asyncio.create_task(body())
    await asyncio.sleep(1)
    t.cancel()
    t.cancel()
    print(await t, t.cancelled())

run(main)
