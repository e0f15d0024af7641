"""What Tornado does with errors that no one looks at: those of a dropped call, and the second of two in a list."""

import asyncio
import gc
import logging

from tornado import gen



class Short(logging.Handler):
    def emit(self, record):
        print(f"{record.name}: {record.getMessage().splitlines()[0]}")


logging.basicConfig(handlers=[Short()])


@gen.coroutine
def fail(text):
    yield gen.sleep(0)
    raise ValueError(text)


async def main():
    dropped = fail("dropped")
    await asyncio.wait([dropped])
    del dropped
    gc.collect()
    try:
        await gen.multi([fail("first"), fail("second")])
    except ValueError as e:
        print("raised:", e)


asyncio.run(main())
