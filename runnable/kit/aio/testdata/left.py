# When main ends, the remaining tasks are cancelled and awaited.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def work(who):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print(who, "cancelled")
        await asyncio.sleep(1)
        print(who, "cleaned up")
        raise

async def main():
    a = asyncio.create_task(work("a"))
    await asyncio.sleep(1)
    print("main ends")
    raise KeyError

run(main)
