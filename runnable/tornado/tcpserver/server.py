"""The TCP server of the toolbox, on asyncio's streams: lines come back as they went.

asyncio accepts up to backlog clients at a time, 100 when nothing else is said; Tornado 128.
"""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "kit", "python"))  # where job is
import job


async def main(addr, _):
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, what: job.log(what["message"]))  # no descriptor is free, say: asyncio waits 1 s
    async with await asyncio.start_server(echo, sock=job.listen(addr), backlog=128) as server:
        await server.serve_forever()


async def echo(reader, writer):
    """Send lines back until the client leaves. One longer than 64 KiB is none."""
    try:
        while True:
            writer.write(await reader.readuntil(b"\n"))
            await writer.drain()  # a client that does not read holds this task only
    except (OSError, EOFError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


asyncio.run(main(*job.flags()))
