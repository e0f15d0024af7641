# C4.11: gather keeps the order, passes on the first error, and leaves the others running.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def work(who, seconds, fails=False):
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        print(who, "cancelled")
        raise
    if fails:
        print(who, "fails")
        raise KeyError
    print(who, "ends at", now())
    return who

async def main():
    print(await asyncio.gather(work("a", 3), work("b", 1), work("c", 2)))
    print(await asyncio.gather())
    try:
        await asyncio.gather(work("d", 2), work("e", 1, True), work("f", 3))
    except KeyError as e:
        print(name(e), "at", now())
    await asyncio.sleep(5)
    print("end at", now())

run(main)
