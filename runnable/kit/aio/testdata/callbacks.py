# C4.8: a future's callbacks are queued, in order, and never called by set_result itself.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def main():
    loop = asyncio.get_running_loop()
    f = loop.create_future()
    f.add_done_callback(lambda f: print("one", f.result()))
    f.add_done_callback(lambda f: print("two"))
    f.set_result(7)
    print("set")
    f.add_done_callback(lambda f: print("three"))
    await asyncio.sleep(0)
    try:
        f.set_result(8)
    except asyncio.InvalidStateError:
        print("done already")
    print(f.result(), f.cancel())
    g = loop.create_future()
    print(g.cancel(), g.cancel(), g.cancelled())
    try:
        await g
    except asyncio.CancelledError as e:
        print(name(e))
    h = loop.create_future()
    h.set_exception(KeyError())
    for _ in range(2):
        try:
            await h
        except KeyError as e:
            print(name(e))

run(main)
