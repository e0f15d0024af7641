"""Tests of the applications without a server."""

import asyncio
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where app is
import app
import search

CONNECT, DISCONNECT = {"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}


def said(text):
    return {"type": "websocket.receive", "text": text}


class Client:
    """The server's end of one call: the events for receive, and those that were sent."""

    def __init__(self, room, stuck=False, failure=None, spec="2.4"):
        self.events, self.sent, self.failure = asyncio.Queue(), [], failure
        self.stuck = stuck  # it does not read: send waits
        self.events.put_nowait(CONNECT)
        self.call = asyncio.create_task(room.join({"asgi": {"spec_version": spec}}, self.events.get, self.send))

    async def send(self, event):
        if event["type"] == "websocket.send" and self.failure:
            raise self.failure
        if self.sent and self.sent[-1]["type"] == "websocket.close":
            raise RuntimeError(f"{event['type']} after the close")  # as Uvicorn says
        self.sent.append(event)
        if event["type"] == "websocket.send" and self.stuck:
            await asyncio.Event().wait()

    def received(self):
        return [event["text"] for event in self.sent if event["type"] == "websocket.send"]

    async def until(self, condition):
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0)


class Room(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.room = app.Room()

    async def left(self, *clients):
        """End the calls. No task may be left, and no task may have failed."""
        for client in clients:
            client.events.put_nowait(DISCONNECT)
        await asyncio.gather(*(client.call for client in clients))
        self.assertEqual(asyncio.all_tasks(), {asyncio.current_task()})
        self.assertFalse(self.room.members)

    async def test_talk_fails(self):
        broken, other = Client(self.room, failure=ValueError("a mistake")), Client(self.room)
        await other.until(lambda: len(self.room.members) == 2)
        other.events.put_nowait(said("hello"))
        with self.assertRaises(ExceptionGroup) as raised:  # the server logs what the call raises
            async with asyncio.timeout(30):
                await broken.call
        self.assertEqual(repr(raised.exception.exceptions), "(ValueError('a mistake'),)")
        self.assertEqual(len(self.room.members), 1)
        other.events.put_nowait(said("on we go"))
        await other.until(lambda: other.received() == ["hello", "on we go"])
        await self.left(other)

    async def test_left(self):
        """send to a client that has left: before 2.4 each server fails in its own way. Nothing is logged."""
        for failure, spec in (ConnectionError("it has left"), "2.4"), (ValueError("it has left"), "2.3"):
            gone, other = Client(self.room, failure=failure, spec=spec), Client(self.room)
            await other.until(lambda: len(self.room.members) == 2)
            other.events.put_nowait(said("hello"))
            await other.until(lambda: gone.sent[-1]["type"] == "websocket.close")  # in case that it is there after all
            gone.events.put_nowait(said("can you hear me?"))
            await other.until(gone.events.empty)
            await self.left(gone, other)
            self.assertEqual(other.received(), ["hello"])

    async def test_dismissed(self):
        laggard, other = Client(self.room, stuck=True), Client(self.room)
        await other.until(lambda: len(self.room.members) == 2)
        for n in range(app.Room.OUTBOX + 2):  # one more than the outbox and the talker hold
            other.events.put_nowait(said(str(n)))
            await other.until(lambda: len(other.received()) == n + 1)
        await other.until(lambda: laggard.sent[-1].get("code") == 1013)
        laggard.events.put_nowait(said("me again"))
        await other.until(laggard.events.empty)
        other.events.put_nowait(said("the end"))
        await other.until(lambda: other.received()[-1] == "the end")
        self.assertNotIn("me again", other.received())
        await self.left(laggard, other)

    async def test_cancelled(self):
        client = Client(self.room)
        await client.until(lambda: len(asyncio.all_tasks()) == 4)  # it listens, talks, and waits for a full outbox
        client.call.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await client.call
        await self.left()


class Headers(unittest.IsolatedAsyncioTestCase):
    async def test_capitals(self):
        """A server should send names in lower case, but need not."""
        scope = {"type": "http", "path": "/", "query_string": b"", "headers": [(b"Content-Length", b"5")]}
        sent = []

        async def receive():
            return {"type": "http.request", "body": b"hello"}

        async def send(event):
            sent.append(event)

        await app.App(None)(scope, receive, send)
        self.assertEqual(sent[0]["status"], 501)  # a body, which / does not take


class Search(unittest.IsolatedAsyncioTestCase):
    """The chapter's first program: whatever ends first, no error is lost and no task is left."""

    def setUp(self):
        self.sent, self.complete, self.printed = [], asyncio.Event(), []
        self.events = [{"type": "http.request", "body": b"", "more_body": False}]
        search.print = self.printed.append
        search.search = self.search
        self.begun, self.given_up, self.found = asyncio.Event(), False, asyncio.Event()

    async def search(self, query):
        self.begun.set()
        try:
            await self.found.wait()
        except asyncio.CancelledError:
            self.given_up = True
            raise
        if query == b"fails":
            raise ValueError("no index")
        return query

    async def receive(self):
        if not self.events:
            await self.complete.wait()
            return {"type": "http.disconnect"}
        return self.events.pop()

    async def send(self, event):
        self.sent.append(event)
        if event["type"] == "http.response.body":
            self.complete.set()

    def call(self, query):
        return asyncio.create_task(search.app({"type": "http", "query_string": query}, self.receive, self.send))

    def tearDown(self):
        del search.print

    async def ends(self, call):
        try:
            async with asyncio.timeout(30):
                await call
        finally:
            self.assertEqual(asyncio.all_tasks(), {asyncio.current_task()})

    async def test_finds(self):
        self.found.set()
        await self.ends(self.call(b"ok"))
        self.assertEqual((self.sent[1]["body"], self.printed), (b"ok", []))

    async def test_fails(self):
        self.found.set()
        with self.assertRaises(ExceptionGroup) as raised:
            await self.ends(self.call(b"fails"))
        self.assertEqual((repr(raised.exception.exceptions), self.sent, self.printed),
                         ("(ValueError('no index'),)", [], []))

    async def test_client_leaves(self):
        call = self.call(b"ok")
        await self.begun.wait()
        self.complete.set()
        await self.ends(call)
        self.assertEqual((self.given_up, self.sent, self.printed), (True, [], [{"type": "http.disconnect"}]))

    async def test_cancelled(self):
        call = self.call(b"ok")
        await self.begun.wait()
        call.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await self.ends(call)
        self.assertEqual((self.given_up, self.sent, self.printed), (True, [], []))


if __name__ == "__main__":
    unittest.main()
