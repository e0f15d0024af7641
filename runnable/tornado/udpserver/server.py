"""The UDP server of the toolbox, on asyncio: each datagram goes back to its sender (PEP 3156, datagram endpoints).

Here asyncio calls a protocol's methods, and nothing is awaited: datagrams have no stream to wait on.
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
        # asyncio keeps datagrams without limit while the kernel has no room. It sends empty ones since Python 3.13.
        self.transport.sendto(data, addr)

    def error_received(self, error):
        job.log(f"datagram: {error}")  # an error of one datagram does not concern the next


async def main(addr, _):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as endpoint:
        try:
            endpoint.bind(addr)  # without listen: every program that knows the address may send
        except OSError as error:
            sys.exit("listen on %s:%d: %s" % (*addr, error))
        print("listening on %s:%d" % endpoint.getsockname(), flush=True)
        await asyncio.get_running_loop().create_datagram_endpoint(Echo, sock=endpoint)
        await asyncio.Future()  # forever


if __name__ == "__main__":
    asyncio.run(main(*job.flags()))
