"""The TCP server of the toolbox, on asyncio's streams: it sends lines back unchanged.

asyncio accepts up to backlog clients at a time, 100 by default; Tornado 128.
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kit/python"))
import job


async def main(addr, _):
    loop = asyncio.get_running_loop()
    # For example, no descriptor is free: asyncio waits 1 s.
    loop.set_exception_handler(lambda _, what: job.log(what["message"]))
    async with await asyncio.start_server(echo, sock=job.listen(addr), backlog=128) as server:
        await server.serve_forever()


async def echo(reader, writer):
    """Send lines back until the client leaves. A line longer than 64 KiB closes the connection."""
    try:
        while True:
            writer.write(await reader.readuntil(b"\n"))
            await writer.drain()  # a client that does not read holds this task only
    except (OSError, EOFError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    asyncio.run(main(*job.flags()))
