# Sleeps end in the order of their times; tasks woken in one turn run in the order in which they were woken.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def sleeper(who, seconds):
    await asyncio.sleep(seconds)
    print(who, now())

async def waiter(who, f):
    print(who, await f)

async def main():
    f = asyncio.get_running_loop().create_future()
    tasks = [asyncio.create_task(waiter(i, f)) for i in range(4)]
    tasks += [asyncio.create_task(sleeper(who, s)) for who, s in (("x", 3), ("y", 1), ("z", 2))]
    await asyncio.sleep(0)
    f.set_result("go")
    print("set")
    await asyncio.gather(*tasks)

run(main)
