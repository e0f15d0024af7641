"""The UDP server of the toolbox, on asyncio: each datagram goes back to its sender (PEP 3156, datagram endpoints).

Here asyncio calls back: a protocol's methods, and not an await. There is no stream to wait on.
"""

import asyncio
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "kit", "python"))  # where job is
import job


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data, addr):
        if addr[1] == self.port:
            return  # it names us, or an echo like us, as its sender: the answer would go round forever
        # What the kernel has no room for now, asyncio keeps without limit. Before Python 3.13 it does not send an empty datagram.
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


asyncio.run(main(*job.flags()))
