"""The real Tornado on the book's one job, as its users write it: a class for each path, a method that may await.

Its loop has been asyncio's since 5.0 (2018), so HTTP and streams are Tornado's here, and the turns are asyncio's. Where
its replies differ from those of this book's servers (404, malformed heads), they are left as they are.
"""

import asyncio
import socket
import sys

from pathlib import Path
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, StreamClosedError
from tornado.web import Application, RequestHandler

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit/python"))
import job


class Hello(RequestHandler):
    def get(self):
        self.set_header("Content-Type", "text/plain")
        self.write("hello\n")


class Ask(RequestHandler):
    async def get(self):
        self.set_header("Content-Type", "text/plain")
        try:
            self.write(await ask(self.settings["backend"], self.request.query.encode() + b"\n"))
        except StreamClosedError:  # it is an OSError, too
            self.set_status(502)
            self.write("Bad Gateway\n")


async def ask(backend, question):
    """Connect to the backend, send it one line and wait for the line that comes back."""
    stream = IOStream(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    try:
        await stream.connect(backend)
        await stream.write(question)
        return await stream.read_until(b"\n")
    finally:
        stream.close()


async def main(addr, backend):
    listener = job.listen(addr)
    listener.setblocking(False)
    server = HTTPServer(Application([("/", Hello), ("/ask", Ask)], backend=backend))
    server.add_socket(listener)
    await asyncio.Event().wait()  # forever


if __name__ == "__main__":
    asyncio.run(main(*job.flags()))
