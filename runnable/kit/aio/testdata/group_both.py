# C4.12: a group in a group, both have a child that fails in the same turn. The inner error is handled; the outer
# group's cancellation is not lost with it.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

async def fails(error):
    await asyncio.sleep(1)
    raise error

async def main():
    for inner_body in (9, 0):
        try:
            async with asyncio.TaskGroup() as outer:
                outer.create_task(fails(KeyError()))
                try:
                    async with asyncio.TaskGroup() as inner:
                        inner.create_task(fails(ValueError()))
                        await asyncio.sleep(inner_body)
                except* ValueError as e:
                    print("inner", name(e), asyncio.current_task().cancelling())
                try:
                    await asyncio.sleep(9)
                    print("slept to the end", now())
                except asyncio.CancelledError:
                    print("cancelled", now())
                    raise
        except* KeyError as e:
            print("outer", name(e), asyncio.current_task().cancelling())

run(main)
