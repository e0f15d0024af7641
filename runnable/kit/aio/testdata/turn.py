# C4.6, C4.7: a turn runs what is ready at its beginning, first in first out; what that queues comes next turn.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def main():
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    def first():
        print("first")
        loop.call_soon(print, "queued by first")
    loop.call_later(2, print, "in 2 s")
    loop.call_later(1, print, "in 1 s")
    loop.call_later(3, done.set_result, None)
    loop.call_soon(first)
    loop.call_soon(print, "second")
    loop.call_soon(print, "never").cancel()
    loop.call_later(1, print, "never").cancel()
    print("main waits")
    await done
    print("main at", now())

run(main)
