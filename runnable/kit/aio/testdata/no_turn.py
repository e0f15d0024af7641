# C4.2: an await that does not suspend lets no other task run; sleep(0) does.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def nothing():
    return 1

async def main():
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    done.set_result(5)
    loop.call_soon(print, "callback")
    total = 0
    for _ in range(1000):
        total += await nothing()
    print(total, await done)
    await asyncio.sleep(0)
    print("after sleep(0)")

run(main)
