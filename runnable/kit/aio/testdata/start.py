# A task does not start when it is made: it is queued.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def child(name):
    print(name, "starts")
    await asyncio.sleep(0)
    print(name, "ends")
    return name

async def main():
    a = asyncio.create_task(child("a"))
    b = asyncio.create_task(child("b"))
    print("made")
    await asyncio.sleep(0)
    print("main again")
    print(await b, a.done(), await a)

run(main)
