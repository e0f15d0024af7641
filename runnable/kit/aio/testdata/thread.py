# C4.19: work in a thread is awaited like any other future, and its error is raised.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

def fails():
    raise KeyError

async def main():
    print(await asyncio.to_thread(lambda: 6 * 7))
    try:
        await asyncio.to_thread(fails)
    except KeyError as e:
        print(name(e))

run(main)
