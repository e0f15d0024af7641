"""Heads of requests, and the bodies behind them. Where a body ends must never be a matter of opinion: whoever makes two
servers disagree there smuggles a request past the first of them (RFC 9112, sections 6.3 and 11.2).
"""

import re
from urllib.parse import unquote_to_bytes

from http1 import _BAD_ESCAPE, _FIELD, _REQUEST_LINE, MAX_HEAD  # the grammar is that of all servers

MAX_LINE = 4 << 10  # bytes of the line before a chunk, and of the fields behind the last
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # a line feed alone, say, which others may take for an end


class Refused(Exception):
    """A request that is not understood: status says why."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Head:
    """A request's head."""

    def __init__(self, line, fields):
        self.method, self.version = line["method"].decode(), line["version"].decode()
        self.path, self.query = unquote_to_bytes(line["path"]), line["query"] or b""
        self.headers = []  # names in small letters
        for field in fields:
            match = _FIELD.fullmatch(field)
            if not match:
                raise Refused(400)
            self.headers.append((match[1].lower(), match[2].rstrip(b" \t")))
        lengths, codings = self.all(b"content-length"), self.all(b"transfer-encoding")
        if len(self.all(b"host")) > 1 or len(lengths + codings) > 1 or codings and self.version < "1.1":
            raise Refused(400)
        if lengths and not re.fullmatch(b"[0-9]{1,18}", lengths[0]):
            raise Refused(400)
        if codings and codings[0].lower() != b"chunked":
            raise Refused(501)
        self.length = None if codings else int(lengths[0]) if lengths else 0  # None: in chunks
        self.close = self.version < "1.1" or self.has(b"connection", b"close")
        self.expects = self.version >= "1.1" and self.get(b"expect").lower() == b"100-continue"

    def all(self, name):
        return [value for n, value in self.headers if n == name]

    def get(self, name):
        return next(iter(self.all(name)), b"")

    def has(self, name, option):
        """Whether an option is in the list that is the header's value."""
        return any(option == o.strip(b" \t") for value in self.all(name) for o in value.lower().split(b","))

    def body(self, conn):
        return Chunks(conn) if self.length is None else Counted(conn, self.length)


def parse(inbox):
    """Cut a head off what has arrived; None while it is not complete."""
    while inbox[:1] in (b"\r", b"\n"):
        del inbox[:1]  # empty lines before a request do no harm (RFC 9112, 2.2)
    end = inbox.find(b"\r\n\r\n", 0, MAX_HEAD) + 4
    if end < 4:
        if len(inbox) >= MAX_HEAD:
            raise Refused(431)
        return None
    line, *fields = bytes(inbox[: end - 4]).split(b"\r\n")
    del inbox[:end]
    line = _REQUEST_LINE.fullmatch(line)
    if not line or _BAD_ESCAPE.search(line["path"]):
        raise Refused(400)
    return Head(line, fields)


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
    """A body whose length nobody knows before its end (RFC 9112, section 7.1)."""

    def __init__(self, conn):
        self.conn, self.ended = conn, False
        self.chunk = None  # while in the middle of one

    async def next(self):
        """Wait for the next part: of a chunk as much as has arrived, however long it says that it is."""
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
        if not size:
            raise Refused(400)
        self.chunk = Counted(self.conn, int(size[1], 16))
        if self.chunk.ended:
            behind = 0
            while line := await self._line():
                behind += len(line)
                if behind > MAX_LINE:
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
