"""The UDP server of the toolbox, on asyncio: each datagram goes back to its sender (PEP 3156, datagram endpoints).

Here asyncio calls back: a protocol's methods, and not an await. There is no stream to wait on.
"""

import asyncio
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "kit/python"))
import job


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data, addr):
        if addr[1] == self.port:
            return  # it names us, or an echo like us, as its sender: the answer would go round forever
        # What the kernel has no room for now, asyncio keeps without limit. An empty datagram is sent since Python 3.13.
        self.transport.sendto(data, addr)

    def error_received(self, error):
        job.log(f"datagram: {error}")  # what became of one datagram is no concern of the next


async def main(addr, _):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as endpoint:
        try:
            endpoint.bind(addr)  # and no listen: all that know the address may send
        except OSError as error:
            sys.exit("listen on %s:%d: %s" % (*addr, error))
        print("listening on %s:%d" % endpoint.getsockname(), flush=True)
        await asyncio.get_running_loop().create_datagram_endpoint(Echo, sock=endpoint)
        await asyncio.Future()  # forever


if __name__ == "__main__":
    asyncio.run(main(*job.flags()))
