"""One request and its response: the events that the application receives, and those that it may send when."""

import asyncio
import enum
import re
from http.client import responses

import job
from heads import Refused, body_of

_NAME, _LINE_END = re.compile(rb"[^\x00- :\x7f-\xff]+"), re.compile(rb"[\r\n\x00]")


class Disconnected(OSError):
    """Raised by send when the client has left. An application need not catch it, and it is not logged."""


def mistake(error):
    """Return what remains of an application's error without Disconnected, which is routine; None for nothing."""
    if isinstance(error, BaseExceptionGroup):
        return error.split(Disconnected)[1]
    return None if isinstance(error, Disconnected) else error


def server_ends(error):
    """Whether the server itself has cancelled the task.

    The number of requests to cancel is not enough: before Python 3.13 a task group that failed leaves one behind.
    """
    return isinstance(error, asyncio.CancelledError) and asyncio.current_task().cancelling() > 0


class Phase(enum.IntEnum):
    """How far the response is."""

    NONE = 0
    STARTED = 1  # its head is held back until the first part of the body
    SENDING = 2
    COMPLETE = 3


class Exchange:
    """One request and its response."""

    def __init__(self, conn, head):
        self.conn, self.request, self.close = conn, head, head.close
        self.body = body_of(head, conn)
        self.continued = not head.expects
        self.received = False  # the whole body: receive returns http.disconnect next
        self.gone = False  # it has returned that
        self.phase, self.start = Phase.NONE, None  # start: the event
        self.bare = self.chunked = False  # how the body is framed; bare: there is no body
        self.left = None  # bytes that content-length still promises

    async def run(self):
        error = None
        try:
            await self.conn.server.app(self.conn.scope("http", "http", self.request), self.receive, self.send)
        except Refused as refused:
            if self.phase < Phase.SENDING:
                await self.conn.refuse(refused.status)
            return False
        except (Exception, asyncio.CancelledError) as failed:
            if server_ends(failed):
                raise
            error = failed
        whole = self.phase is Phase.COMPLETE and not self.left
        if mistake(error):
            self._log(repr(error), mistake(error))
        elif not error and not whole and not self.gone:
            self._log("the response is not complete")
        if whole:
            return not self.close and not asyncio.current_task().cancelling()
        left, self.gone = self.gone, True  # a task that the application has left running must not use the connection
        if self.phase >= Phase.SENDING:
            self.conn.reset()  # the client must see that the reply is incomplete
        elif not left:
            await self.conn.refuse(500)
        return False

    def _log(self, why, error=None):
        job.log(f"{self.request.method} {self.request.path.decode('latin-1')}: {why}", error)

    async def receive(self):
        if self.phase is Phase.COMPLETE or self.gone:
            await asyncio.sleep(0)  # an application that calls receive in a loop lets others have their turn
        elif not self.received:
            if not self.continued and self.phase < Phase.SENDING:
                self.continued = True
                await self.conn.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            try:
                part = await self.body.next()
                self.received = self.body.ended
                return {"type": "http.request", "body": part, "more_body": not self.received}
            except ConnectionError:
                pass
        while self.phase < Phase.COMPLETE and not self.gone and not self.conn.ended:
            await self.conn.stir()
        self.received = self.gone = True
        return {"type": "http.disconnect"}

    async def send(self, event):
        if self.phase is Phase.COMPLETE:
            return
        if self.gone:
            raise Disconnected("the client has left")
        if event["type"] == "http.response.start" and self.phase is Phase.NONE:
            check(event["status"], event.get("headers", ()))
            self.phase, self.start = Phase.STARTED, event
        elif event["type"] == "http.response.body" and self.phase is not Phase.NONE:
            await self._write(event.get("body", b""), event.get("more_body", False))
        else:
            raise RuntimeError(f"unexpected {event['type']}")

    async def _write(self, body, more):
        out = self._head(body, more) if self.phase is Phase.STARTED else b""
        if self.left is not None and not self.bare:
            if len(body) > self.left:
                raise RuntimeError("the body is longer than its content-length")
            self.left -= len(body)
        self.phase = Phase.SENDING if more else Phase.COMPLETE
        if self.bare:
            body, self.left = b"", None
        elif self.chunked and body:
            body = b"%x\r\n%b\r\n" % (len(body), body)
        if not more:
            body += b"0\r\n\r\n" if self.chunked and not self.bare else b""
            self.conn.news.set()
        await self.conn.write(out + body)

    def _head(self, body, more):
        """Return the head. The server decides how the body ends, and whether the connection ends with it.

        A reply to HEAD has the head of one to GET; 304 may name the length that a 200 would have; 204 must name none,
        and 205 has no content (RFC 9110, sections 8.6, 15.3.6 and 15.4.5).
        """
        status, headers = self.start["status"], []
        is_head = self.request.method == "HEAD"
        self.bare = is_head or status in (204, 205, 304)
        for name, value in self.start.get("headers", ()):
            name = name.lower()
            if name == b"connection":
                self.close = self.close or value.lower() == b"close"
            elif name == b"content-length":
                if self.left is not None or not value.isdigit():
                    raise RuntimeError(f"content-length {value}")
                if status not in (204, 205):
                    self.left = int(value)
                    headers.append((name, value))
            elif name not in (b"transfer-encoding", b"keep-alive", b"upgrade"):
                headers.append((name, value))
        if status == 205:
            headers.append((b"content-length", b"0"))
        elif self.left is None and status not in (204, 304):
            if not more and (body or not is_head):  # with HEAD, the application may have left the body out
                self.left = len(body)
                headers.append((b"content-length", b"%d" % len(body)))
            elif self.request.version == "1.0":
                self.close = True  # the body ends with the connection
            else:
                self.chunked = True
                headers.append((b"transfer-encoding", b"chunked"))
        # The unread rest of a body would be taken for the next request.
        self.close = self.close or not self.body.ended or self.conn.server.stopping
        if self.close:
            headers.append((b"connection", b"close"))
        return head_bytes(status, headers)


def check(status, headers):
    """Raise if a head cannot be made of these."""
    if not 200 <= status <= 599:
        raise RuntimeError(f"{status} is not the status of a response")
    for name, value in headers:
        if not _NAME.fullmatch(name) or _LINE_END.search(value):
            raise RuntimeError(f"malformed header {name}")


def head_bytes(status, headers):
    """Return the bytes of a head. Names mean the same in any case; readers are used to Content-Type."""
    phrase = responses.get(status, "").encode()
    lines = [b"HTTP/1.1 %d %b" % (status, phrase), *(b"%b: %b" % (n.title(), v) for n, v in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def refusal(status, *headers, head_only=False):
    """Return the response to a request that does not reach the application. The connection ends with it."""
    body = responses[status].encode() + b"\n"
    length = b"%d" % len(body)
    headers = [(b"content-type", b"text/plain"), (b"content-length", length), *headers, (b"connection", b"close")]
    return head_bytes(status, headers) + (b"" if head_only else body)
