"""The bodies behind heads.

Two servers must never disagree on where a body ends: a client that makes them disagree smuggles a request past the
first (RFC 9112, sections 6.3 and 11.2).
"""

import re

from http1 import Refused, parse_field  # the grammar is that of all servers

MAX_LINE = 4 << 10  # bytes of the line before a chunk, and of the fields behind the last
_SIZE = re.compile(rb"0*([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # a bare line feed, for example, ends a line for some readers


def body_of(head, conn):
    """The body behind a head."""
    return Chunks(conn) if head.length is None else Counted(conn, head.length)


class Counted:
    """A body that names its length."""

    def __init__(self, conn, length):
        self.conn, self.left = conn, length

    @property
    def ended(self):
        return self.left == 0

    async def next(self):
        """Wait for the next part."""
        if self.left and not self.conn.inbox:
            await self.conn.arrive()
        part = bytes(self.conn.inbox[: self.left])
        del self.conn.inbox[: self.left]
        self.left -= len(part)
        return part


class Chunks:
    """A body whose length is not known before its end (RFC 9112, section 7.1)."""

    def __init__(self, conn):
        self.conn, self.ended = conn, False
        self.chunk = None  # while in the middle of one

    async def next(self):
        """Wait for the next part: as much of a chunk as has arrived, whatever length the chunk announces."""
        if not self.chunk:
            await self._begin()
        if self.ended:
            return b""
        part = await self.chunk.next()
        if self.chunk.ended:
            self.chunk = None
            if await self._line():
                raise Refused(400)
        return part

    async def _begin(self):
        size = _SIZE.fullmatch(await self._line())
        if not size or int(size[1], 16) >= 1 << 63:
            raise Refused(400)
        self.chunk = Counted(self.conn, int(size[1], 16))
        if self.chunk.ended:
            behind = 0
            while line := await self._line():
                behind += len(line)
                if behind > MAX_LINE or parse_field(line)[0] is None:
                    raise Refused(400)
            self.ended = True

    async def _line(self):
        while (end := self.conn.inbox.find(b"\r\n")) < 0:
            if len(self.conn.inbox) > MAX_LINE:
                raise Refused(400)
            await self.conn.arrive()
        line = bytes(self.conn.inbox[:end])
        if end > MAX_LINE or _CONTROL.search(line):
            raise Refused(400)
        del self.conn.inbox[: end + 2]
        return line
