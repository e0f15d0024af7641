"""WebSockets for the ASGI server: the handshake, frames, and the closing handshake (RFC 6455)."""

import asyncio
import base64
import binascii
import hashlib
import re
import zlib

import deflate
import job
from exchange import Disconnected, check, mistake, server_ends
from heads import Refused
from http1 import TOKEN

MAX_MESSAGE, PING, LINGER = 1 << 20, 20, 5  # bytes; seconds between two pings, and for the client's close frame
TEXT, BINARY, CLOSE, PING_FRAME, PONG = 1, 2, 8, 9, 10
RSV1 = 0x40  # in the first frame of a message: it is compressed
CONNECTING, OPEN, CLOSING, CLOSED = range(4)
# What a client may offer (section 9.1): a name with parameters, whose values are tokens, in quotes or not.
_VALUE = rb'(?:%b|"%b")' % (TOKEN, TOKEN)
_EXTENSION = re.compile(rb"%b(?:[ \t]*;[ \t]*%b(?:[ \t]*=[ \t]*%b)?)*" % (TOKEN, TOKEN, _VALUE))


def wanted(head):
    return head.version >= "1.1" and head.has(b"upgrade", b"websocket") and head.has(b"connection", b"upgrade")


def sendable(code):
    """Whether a close frame may carry the code: 1005, 1006 and 1015 are never sent (section 7.4)."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def grammatical(head):
    """Whether the lists of the handshake follow the grammar.

    A malformed list must be refused, even if we would have used none of it (sections 4.2.1 and 9.1).
    """
    extensions = all(_EXTENSION.fullmatch(e) for e in listed(head, b"sec-websocket-extensions"))
    return extensions and all(re.fullmatch(TOKEN, p) for p in listed(head, b"sec-websocket-protocol"))


def listed(head, name):
    """Return the members of the lines of that name, which together are one list (RFC 9110, section 5.3)."""
    return [part for part in (p.strip(b" \t") for p in b",".join(head.all(name)).split(b",")) if part]


class Closed(Exception):
    """Ends reading: the code and reason that the application receives, and the code for the client (None: no frame)."""

    def __init__(self, code, reason="", answer=None):
        super().__init__(code)
        self.code, self.reason, self.answer = code, reason, answer


def fail(code):
    return Closed(code, answer=code.to_bytes(2))


class Socket:
    """A WebSocket."""

    def __init__(self, conn, head):
        self.conn, self.request = conn, head
        keys = head.all(b"sec-websocket-key")
        try:
            good = len(keys) == 1 and len(base64.b64decode(keys[0], validate=True)) == 16
        except binascii.Error:
            good = False
        good = good and head.get(b"host") and head.method == "GET" and head.length == 0 and grammatical(head)
        if head.get(b"sec-websocket-version") == b"13" and not good:
            raise Refused(400)
        self.offered = [p.decode() for p in listed(head, b"sec-websocket-protocol")]
        self.extensions = deflate.answer(b",".join(head.all(b"sec-websocket-extensions")))
        self.state, self.connect_received = CONNECTING, False  # whether receive has returned websocket.connect
        self.code, self.reason = 1006, ""
        self.messages = asyncio.Queue(16)  # messages that wait for receive: beyond that the client waits
        self.reader = None
        self.received = True  # since the last ping

    async def run(self):
        if self.request.get(b"sec-websocket-version") != b"13":
            await self.conn.refuse(426, (b"sec-websocket-version", b"13"))
            return
        scope = self.conn.scope("websocket", "ws", self.request)
        scope["subprotocols"] = self.offered.copy()
        failed = None
        try:
            await self.conn.server.app(scope, self.receive, self.send)
        except (Exception, asyncio.CancelledError) as error:
            if server_ends(error):
                raise
            if failed := mistake(error):
                job.log(f"{scope['path']}: {failed!r}", failed)
        if self.state == CONNECTING:
            await self.conn.refuse(500)
        elif self.state == OPEN:
            self.close(1011 if failed else 1000)
        if self.reader:
            try:
                async with asyncio.timeout(LINGER):
                    while await self.messages.get():
                        pass  # further messages of the client are thrown away
            except TimeoutError:
                self.conn.transport.abort()
                self.reader.cancel()  # it may wait for room in a queue that is no longer read
            await asyncio.wait([self.reader])

    async def receive(self):
        if not self.connect_received:
            self.connect_received = True
            return {"type": "websocket.connect"}
        while self.state < OPEN and not self.conn.ended:
            await self.conn.stir()  # until the application has answered, or the client has left
        if self.reader and (message := await self.messages.get()):
            return message
        if self.reader:
            self.messages.put_nowait(None)  # for the next call of receive
        if self.state == CONNECTING:
            self.state = CLOSED
        await asyncio.sleep(0)  # an application that calls receive in a loop lets others have their turn
        return {"type": "websocket.disconnect", "code": self.code, "reason": self.reason}

    async def send(self, event):
        kind = event["type"]
        if self.state >= CLOSING:
            raise Disconnected("the WebSocket is closed")
        if self.state == CONNECTING and kind == "websocket.accept":
            await self.conn.write(self._accept(event))
            self.state = OPEN
            self.reader = asyncio.create_task(self._read())
            self.conn.news.set()
        elif self.state == CONNECTING and kind == "websocket.close":  # before the handshake is answered: refuse it
            self.state = CLOSED
            await self.conn.refuse(403)
        elif self.state == OPEN and kind == "websocket.send":
            text, data = event.get("text"), event.get("bytes")
            if (text is None) == (data is None):
                raise RuntimeError("a message is text or bytes")
            await self.conn.write(self._pack(BINARY, data) if text is None else self._pack(TEXT, text.encode()))
        elif self.state == OPEN and kind == "websocket.close":
            code, reason = event.get("code") or 1000, event.get("reason") or ""
            if not sendable(code) or len(reason.encode()) > 123:
                raise RuntimeError(f"{code} may not be sent, or the reason is too long")
            self.close(code, reason)
        else:
            raise RuntimeError(f"unexpected {kind}")

    def _accept(self, event):
        """Return the head. The hash of the client's key proves that the server knows WebSockets (section 1.3)."""
        check(200, event.get("headers", ()))
        if event.get("subprotocol") not in (None, "", *self.offered):
            raise RuntimeError(f"the client does not offer the subprotocol {event['subprotocol']}")
        key = self.request.get(b"sec-websocket-key") + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
        lines.append(b"Sec-WebSocket-Accept: " + base64.b64encode(hashlib.sha1(key).digest()))
        if event.get("subprotocol"):
            lines.append(b"Sec-WebSocket-Protocol: " + event["subprotocol"].encode())
        if self.extensions:
            lines.append(b"Sec-WebSocket-Extensions: " + self.extensions)
        for name, value in event.get("headers", ()):  # except for the server's own; the first two never go with a 101
            if name.lower() not in (b"content-length", b"transfer-encoding", b"connection", b"upgrade"):
                lines.append(b"%b: %b" % (name.title(), value))
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def _pack(self, kind, message):
        """Return the frame of a message, compressed if the client can read that and the message gets shorter."""
        if self.extensions and len(message) >= deflate.FROM:
            packed = deflate.deflate(bytes(message))
            if len(packed) < len(message):
                return frame(RSV1 | kind, packed)
        return frame(kind, message)

    def close(self, code, reason=""):
        """Send our close frame, and give the client a while to send its own."""
        self.state, self.code, self.reason = CLOSING, code, reason
        self.conn.transport.write(frame(CLOSE, code.to_bytes(2) + reason.encode()))
        asyncio.get_running_loop().call_later(LINGER, self.conn.transport.abort)

    def go_away(self):
        if self.state == OPEN:
            self.close(1001)

    async def _read(self):
        """Assemble messages, answer pings and notice the end, concurrently with the application."""
        self.pinging = asyncio.get_running_loop().call_later(PING, self._ping)
        try:
            while True:
                await self.messages.put(await self._message())
        except (Closed, OSError) as end:
            if self.state == OPEN:
                self.code, self.reason = getattr(end, "code", 1006), getattr(end, "reason", "")
                if getattr(end, "answer", None) is not None:
                    self.conn.transport.write(frame(CLOSE, end.answer))
        except Exception as error:
            job.log("a bug in the server", error)
            self.conn.transport.abort()
        finally:
            self.state = CLOSED
            self.pinging.cancel()
        await self.messages.put(None)

    def _ping(self):
        """Ask now and then whether the client is there: a client that lost its network sends no close frame."""
        if not self.received:
            self.conn.transport.abort()
            return
        self.received = False
        self.conn.transport.write(frame(PING_FRAME, b""))  # not awaited: a client that is gone never makes room
        self.pinging = asyncio.get_running_loop().call_later(PING, self._ping)

    async def _message(self):
        """Read frames until a message is whole."""
        kind, packed, parts = 0, False, bytearray()
        while True:
            first, code, payload = await self._frame(MAX_MESSAGE - len(parts))
            self.received = True
            if code == PING_FRAME:
                await self.conn.write(frame(PONG, payload))
            elif code == CLOSE:
                raise self._end(payload)
            if code >= CLOSE:
                continue
            if (code == 0) != (kind != 0):
                raise fail(1002)
            kind, packed = kind or code, packed or first & RSV1
            parts += payload
            if not first & 0x80:
                continue
            if packed:
                parts = self._unpack(parts)
            if kind == BINARY:
                return {"type": "websocket.receive", "bytes": bytes(parts)}
            try:
                return {"type": "websocket.receive", "text": parts.decode()}
            except UnicodeDecodeError:
                raise fail(1007) from None

    def _unpack(self, packed):
        try:
            message = deflate.inflate(packed, MAX_MESSAGE)
        except zlib.error:
            raise fail(1007) from None
        if len(message) > MAX_MESSAGE:
            raise fail(1009)
        return message

    async def _frame(self, limit):
        first, second = await self._exactly(2)
        code, length = first & 15, second & 127
        known = RSV1 if self.extensions and code in (TEXT, BINARY) else 0
        if first & 0x70 & ~known or code not in (0, 1, 2, 8, 9, 10) or not second & 0x80:
            raise fail(1002)
        if code >= CLOSE and (length > 125 or not first & 0x80):
            raise fail(1002)
        if length >= 126:
            length = int.from_bytes(await self._exactly(2 if length == 126 else 8))
        if length >> 63:
            raise fail(1002)
        if length > limit and code < CLOSE:
            raise fail(1009)
        mask = await self._exactly(4)
        return first, code, masked(await self._exactly(length), mask)

    async def _exactly(self, n):
        while len(self.conn.inbox) < n:
            await self.conn.arrive()
        taken = bytes(self.conn.inbox[:n])
        del self.conn.inbox[:n]
        return taken

    def _end(self, payload):
        """Return the end that the client's close frame asks for."""
        if not payload:
            return Closed(1005, answer=b"")
        code = int.from_bytes(payload[:2])
        if len(payload) < 2 or not sendable(code):
            return fail(1002)
        try:
            return Closed(code, payload[2:].decode(), payload[:2])
        except UnicodeDecodeError:
            return fail(1007)


def frame(code, payload):
    """Return a frame from the server: not fragmented, not masked."""
    n = len(payload)
    if n < 126:
        return bytes([0x80 | code, n]) + payload
    if n < 1 << 16:
        return bytes([0x80 | code, 126]) + n.to_bytes(2) + payload
    return bytes([0x80 | code, 127]) + n.to_bytes(8) + payload


def masked(payload, mask):
    """XOR with the mask, as one large number: byte by byte it would take Python a hundred times as long."""
    mask = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload) ^ int.from_bytes(mask)).to_bytes(len(payload))
