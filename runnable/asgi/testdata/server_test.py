"""Tests of the server's log: no failure is lost."""

import asyncio
import contextlib
import gc
import io
import socket
import struct
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where server is
import server


class Log(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.log = io.StringIO()
        self.enterContext(contextlib.redirect_stderr(self.log))

    async def ask(self, app, fields=b"Connection: close\r\n", leave=False, then=b""):
        """Ask a server that has one connection; return its whole answer, unless leave: then do not wait for it."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(server.trouble)
        serving = server.Server(app)
        listening = await loop.create_server(lambda: server.Connection(serving), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n" + then)
        async with asyncio.timeout(30):
            while not serving.connections:
                await asyncio.sleep(0)
            answer = b"" if leave else await reader.read()
            writer.close()
            while serving.connections:
                await serving.all_gone.wait()
        listening.close()
        return answer

    def check(self, *words):
        for word in ("Traceback", *words):
            self.assertIn(word, self.log.getvalue())

    async def test_application_fails(self):
        async def app(scope, receive, send):
            raise ValueError("on purpose")

        self.assertIn(b" 500 ", await self.ask(app))
        self.check("GET /", "on purpose")

    async def test_group_fails(self):
        """Before Python 3.13 a failed group leaves a request to cancel behind, which is not the server's."""
        async def app(scope, receive, send):
            await receive()
            async with asyncio.TaskGroup() as group:
                group.create_task(self.fail_later())

        self.assertIn(b" 500 ", await self.ask(app))
        self.check("GET /", "on purpose")
        self.assertNotIn("bug in the server", self.log.getvalue())

    async def test_fails_after_its_response(self):
        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"all"})
            await self.fail_later()

        self.assertTrue((await self.ask(app)).endswith(b"all"))
        self.check("GET /", "on purpose")

    async def test_fails_after_the_client_has_left(self):
        async def app(scope, receive, send):
            while (await receive())["type"] != "http.disconnect":
                pass
            await self.fail_later()

        await self.ask(app, leave=True)
        self.check("GET /", "on purpose")

    async def test_client_leaves(self):
        """send raises when the client has left, in a group of tasks as well, and that is not logged."""
        async def app(scope, receive, send):
            while (await receive())["type"] != "http.disconnect":
                pass
            async with asyncio.TaskGroup() as group:
                group.create_task(send({"type": "http.response.start", "status": 200}))

        await self.ask(app, leave=True)
        self.assertEqual(self.log.getvalue(), "")

    async def test_websocket_fails(self):
        """An OSError is the application's, too, unless it comes from send."""
        async def app(scope, receive, send):
            await receive()
            await send({"type": "websocket.accept"})
            open("/nowhere/table")

        upgrade = b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        answer = await self.ask(app, b"Connection: upgrade\r\n" + upgrade, then=b"\x88\x80key!")
        self.assertTrue(answer.endswith(b"\x88\x02" + (1011).to_bytes(2, "big")), answer)
        self.check("/nowhere/table")

    async def fail_later(self):
        await asyncio.sleep(0)
        raise ValueError("on purpose")

    async def test_server_fails(self):
        """A bug in the server: another module of the name websocket, for instance."""
        wanted, server.websocket.wanted = server.websocket.wanted, None
        try:
            self.assertEqual(await self.ask(None), b"")
        finally:
            server.websocket.wanted = wanted
        self.check("TypeError")

    async def test_task_left_behind(self):
        async def later():
            raise ValueError("on purpose")

        async def app(scope, receive, send):
            asyncio.create_task(later())
            await asyncio.sleep(0)
            await send({"type": "http.response.start", "status": 204})
            await send({"type": "http.response.body"})

        self.assertIn(b" 204 ", await self.ask(app))
        gc.collect()
        self.check("never retrieved", "on purpose")

    async def test_write_fails(self):
        """The connection is reset while the application sends: its next send raises, and the log stays empty."""
        client, sent = socket.socket(), 0

        async def app(scope, receive, send):
            nonlocal sent
            await send({"type": "http.response.start", "status": 200})
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            for _ in range(64):
                await send({"type": "http.response.body", "body": b"part", "more_body": True})
                sent += 1

        serving, loop = server.Server(app), asyncio.get_running_loop()
        listening = await loop.create_server(lambda: server.Connection(serving), "127.0.0.1", 0)
        client.connect(listening.sockets[0].getsockname())  # the kernel accepts it
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(30):
            while client.fileno() >= 0 or serving.connections:
                await asyncio.sleep(0)
        listening.close()
        self.assertLess(sent, 3)
        self.assertEqual(self.log.getvalue(), "")

    async def test_lifespan_fails_late(self):
        async def app(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            raise ValueError("on purpose")

        lifespan = server.Lifespan(server.Server(app))
        async with asyncio.timeout(30):
            await lifespan.tell("startup")
            await lifespan.tell("shutdown")
        self.check("lifespan", "on purpose")

    async def test_no_lifespan(self):
        async def app(scope, receive, send):
            raise ValueError("I know no lifespan")

        lifespan = server.Lifespan(server.Server(app))
        async with asyncio.timeout(30):
            await lifespan.tell("startup")
            await lifespan.tell("shutdown")
        self.assertEqual(self.log.getvalue(), "")


class Pings(unittest.IsolatedAsyncioTestCase):
    async def test_silence(self):
        """A client that answers no ping is disconnected, and the application receives 1006."""
        received = []

        async def app(scope, receive, send):
            await receive()
            await send({"type": "websocket.accept"})
            received.append(await receive())

        pause, server.websocket.PING = server.websocket.PING, 0.02
        try:
            serving = server.Server(app)
            loop = asyncio.get_running_loop()
            listening = await loop.create_server(lambda: server.Connection(serving), "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                         b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")  # fmt: skip
            async with asyncio.timeout(30):
                await reader.readuntil(b"\r\n\r\n")
                self.assertEqual(await reader.read(), b"\x89\x00")  # one ping, and the end
                writer.close()
                while serving.connections:
                    await serving.all_gone.wait()
            listening.close()
        finally:
            server.websocket.PING = pause
        self.assertEqual(received, [{"type": "websocket.disconnect", "code": 1006, "reason": ""}])
        self.assertEqual(asyncio.all_tasks(), {asyncio.current_task()})


if __name__ == "__main__":
    unittest.main()
