# C4.12: the failure of an inner group is an error of the outer one.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def fails(error, seconds):
    await asyncio.sleep(seconds)
    raise error

async def inner():
    async with asyncio.TaskGroup() as g:
        g.create_task(fails(KeyError(), 1))
        g.create_task(asyncio.sleep(10))

async def main():
    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(inner())
            s = g.create_task(asyncio.sleep(20))
    except BaseExceptionGroup as e:
        print(name(e), s.cancelled(), now())
    try:
        async with asyncio.TaskGroup() as outer:
            try:
                async with asyncio.TaskGroup() as g:
                    g.create_task(fails(ValueError(), 1))
                    await asyncio.sleep(10)
            except BaseExceptionGroup as e:
                print("inner", name(e))
            await asyncio.sleep(1)
            print("outer goes on at", now())
    except BaseExceptionGroup as e:
        print(name(e))

run(main)
