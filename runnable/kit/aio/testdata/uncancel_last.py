# C4.14: with the last request, a cancellation that was not delivered yet is taken back, too.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def main():
    me = asyncio.current_task()
    for requests, back in ((1, 1), (2, 1), (2, 2)):
        for _ in range(requests):
            me.cancel()
        for _ in range(back):
            me.uncancel()
        try:
            await asyncio.sleep(1)
            print(me.cancelling(), "sleeps on")
        except asyncio.CancelledError:
            print(me.cancelling(), "cancelled")
            me.uncancel()

run(main)
