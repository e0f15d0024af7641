"""Tests of a middleware with a task of its own: no exception is lost, and no task is left."""

import asyncio
import importlib.util
import unittest
from pathlib import Path

spec = importlib.util.spec_from_file_location("mistakes", Path(__file__).resolve().parents[1] / "server.py")
mistakes = importlib.util.module_from_spec(spec)
spec.loader.exec_module(mistakes)


class Queueing(unittest.IsolatedAsyncioTestCase):
    async def call(self, app, send):
        try:
            async with asyncio.timeout(30):
                await mistakes.queueing(app)({}, None, send)
        finally:
            self.assertEqual(asyncio.all_tasks(), {asyncio.current_task()})

    async def test_client_leaves(self):
        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            await asyncio.Event().wait()

        async def send(event):
            raise ConnectionError("the client has left")

        with self.assertRaises(ConnectionError):
            await self.call(app, send)

    async def test_application_fails(self):
        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            raise ValueError("on purpose")

        async def send(event):
            self.assertIn((b"x-seen", b"by a middleware"), event["headers"])

        with self.assertRaises(ValueError):
            await self.call(app, send)


if __name__ == "__main__":
    unittest.main()
