"""Tests of the small server with applications; check/ tests it with clients."""

import asyncio
import contextlib
import importlib.util
import io
import unittest
import unittest.mock
from pathlib import Path

spec = importlib.util.spec_from_file_location("minimal", Path(__file__).parents[1] / "minimal" / "server.py")
minimal = importlib.util.module_from_spec(spec)
spec.loader.exec_module(minimal)

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


class Minimal(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.log = io.StringIO()
        self.enterContext(contextlib.redirect_stderr(self.log))

    async def connect(self, app):
        def serve(*streams):
            return minimal.Connection(app, {"shared": 1}, *streams).converse()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.addCleanup(server.close)
        return await asyncio.open_connection(*server.sockets[0].getsockname())

    async def ask(self, app, request):
        """Return all that the server sends until it ends the connection."""
        reader, writer = await self.connect(app)
        writer.write(request)
        async with asyncio.timeout(30):
            answer = await reader.read()
        writer.close()
        return answer

    async def test_body_and_scope(self):
        seen = []

        async def app(scope, receive, send):
            seen.extend([scope["method"], scope["path"], scope["query_string"], scope["state"], await receive()])
            await hello(scope, receive, send)
            seen.append(await receive())

        post = b"POST /caf%C3%A9?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
        self.assertTrue((await self.ask(app, post)).endswith(b"\r\n\r\nhello"))
        body = {"type": "http.request", "body": b"abc"}
        self.assertEqual(seen, ["POST", "/café", b"a=b", {"shared": 1}, body, {"type": "http.disconnect"}])

    async def test_too_large(self):
        post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (minimal.LARGEST + 1)
        self.assertIn(b" 413 ", await self.ask(hello, post + b"x" * minimal.LARGEST))

    async def test_client_leaves(self):
        """The application is in the middle of its call, and waits for the next event."""
        left = asyncio.Event()

        async def app(scope, receive, send):
            await receive()
            if (await receive())["type"] == "http.disconnect":
                left.set()

        _, writer = await self.connect(app)
        writer.write(GET + b"\r\n")
        writer.close()
        async with asyncio.timeout(30):
            await left.wait()

    async def test_next_request_is_no_end(self):
        """A client that sends its next request has not left."""
        events = []

        async def app(scope, receive, send):
            await receive()
            coming = asyncio.create_task(receive())
            await asyncio.sleep(0)
            events.append(coming.done())
            await hello(scope, receive, send)
            events.append(await coming)

        answer = await self.ask(app, GET + b"\r\n" + GET + b"Connection: close\r\n\r\n")
        self.assertEqual(answer.count(b"hello"), 2)
        self.assertEqual(events, [False, {"type": "http.disconnect"}] * 2)

    async def test_application_fails(self):
        async def early(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise ValueError("on purpose")

        async def late(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"a part", "more_body": True})
            raise ValueError("on purpose")

        self.assertIn(b" 500 ", await self.ask(early, GET + b"\r\n"))
        with contextlib.suppress(ConnectionError):
            self.assertNotIn(b" 500 ", await self.ask(late, GET + b"\r\n"))
        self.assertEqual(self.log.getvalue().count("on purpose"), 4)  # the error, and the line that raises it

    async def test_headers(self):
        """They may be missing, and are an iterable: it may be used up when it was read once."""

        async def missing(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"hello"})

        async def once(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": iter([(b"content-length", b"5")])})
            await send({"type": "http.response.body", "body": b"hello"})

        self.assertIn(b" 200 OK\r\nConnection: close\r\n\r\nhello", await self.ask(missing, GET + b"\r\n"))
        answer = await self.ask(once, GET + b"Connection: close\r\n\r\n")
        self.assertIn(b"\r\nContent-Length: 5\r\n", answer)

    async def test_server_ends(self):
        """asyncio.run cancels what still runs; the streams of Python 3.11 log a conversation that is cancelled."""
        conversations = asyncio.Queue()

        def serve(*streams):
            conversations.put_nowait(asyncio.create_task(minimal.Connection(hello, {}, *streams).converse()))

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.addCleanup(server.close)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        conversation = await conversations.get()
        writer.write(GET + b"\r\n")
        await reader.readuntil(b"hello")
        conversation.cancel()
        self.assertIsNone(await conversation)
        self.assertEqual(await reader.read(), b"")
        writer.close()

    async def lifespan(self, app):
        """Start the server and stop it once it listens; return how it ended."""

        class Stop(asyncio.Event):
            def wait(self):
                self.set()
                return super().wait()

        def make(_):
            return app

        with contextlib.redirect_stdout(io.StringIO()):
            with unittest.mock.patch.object(minimal, "App", make), unittest.mock.patch.object(asyncio, "Event", Stop):
                async with asyncio.timeout(30):
                    await minimal.main(("127.0.0.1", 0), None)

    async def test_lifespan(self):
        seen = []

        async def app(scope, receive, send):
            for what in "startup", "shutdown":
                seen.append((await receive())["type"])
                await send({"type": f"lifespan.{what}.complete"})

        await self.lifespan(app)
        self.assertEqual(seen, ["lifespan.startup", "lifespan.shutdown"])

    async def test_lifespan_unknown(self):
        async def app(scope, receive, send):
            raise ValueError(scope["type"])

        await self.lifespan(app)

    async def test_lifespan_failed(self):
        async def app(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.failed", "message": "no database"})

        with self.assertRaisesRegex(SystemExit, "did not startup: no database"):
            await self.lifespan(app)


if __name__ == "__main__":
    unittest.main()
