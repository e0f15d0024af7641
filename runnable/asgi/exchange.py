"""One request and its response: what the application is told, and what it may say when."""

from http import HTTPStatus

import job
from heads import Refused


class Disconnected(OSError):
    """What send raises when the client has left. An application need not catch it, and nobody logs it."""


class Exchange:
    """One request and its response."""

    def __init__(self, conn, head):
        self.conn, self.request, self.close = conn, head, head.close
        self.body = head.body(conn)
        self.told = False  # of the whole body: what receive says next is http.disconnect
        self.gone = False  # it has said so
        self.continued = not head.expects
        self.start = None  # the event; until the first part of the body the client knows nothing of it
        self.sending = self.complete = self.bare = self.chunked = False
        self.left = None  # bytes that were promised

    async def run(self):
        error = None
        try:
            await self.conn.server.app(self.conn.scope("http", "http", self.request), self.receive, self.send)
        except Refused as refused:
            if not self.sending:
                await self.conn.refuse(refused.status)
            return False
        except Exception as failed:
            error = failed
        if self.complete and not self.left:
            return not self.close
        if not self.gone and not isinstance(error, Disconnected):
            job.log(f"{self.request.method} {self.request.path.decode('latin-1')}: {error or 'the response is not complete'}")
        if self.sending:
            self.conn.transport.abort()  # the client must see that this was not all
        elif not self.gone:
            await self.conn.refuse(500)
        return False

    async def receive(self):
        if not self.told and not self.complete:
            if not self.continued and not self.sending:
                self.continued = True
                await self.conn.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            try:
                part = await self.body.next()
                self.told = self.body.ended
                return {"type": "http.request", "body": part, "more_body": not self.told}
            except ConnectionError:
                pass
        while not self.complete and not self.conn.ended:
            await self.conn.stir()
        self.told = self.gone = True
        return {"type": "http.disconnect"}

    async def send(self, event):
        if self.complete:
            return
        if self.gone:
            raise Disconnected("the client has left")
        if event["type"] == "http.response.start" and not self.start:
            self.start = event
        elif event["type"] == "http.response.body" and self.start:
            await self._write(event.get("body", b""), event.get("more_body", False))
        else:
            raise RuntimeError(f"{event['type']} is not for now")

    async def _write(self, body, more):
        out = b"" if self.sending else self._head(body, more)
        self.sending = True
        if self.left is not None and not self.bare:
            if len(body) > self.left:
                raise RuntimeError("the body is longer than its content-length")
            self.left -= len(body)
        if self.bare:
            body, self.left = b"", None
        elif self.chunked and body:
            body = b"%x\r\n%b\r\n" % (len(body), body)
        if not more:
            body += b"0\r\n\r\n" if self.chunked and not self.bare else b""
            self.complete = True
            self.conn.news.set()
        await self.conn.write(out + body)

    def _head(self, body, more):
        """Word the head. How the body ends and whether the connection does is for the server to say."""
        status, headers = self.start["status"], []
        self.bare = self.request.method == "HEAD" or status in (204, 304)
        for name, value in self.start.get("headers", ()):
            if name == b"connection":
                self.close = self.close or value.lower() == b"close"
            elif name != b"transfer-encoding":
                headers.append((name, value))
            if name == b"content-length":
                self.left = int(value)
        if self.left is None and status not in (204, 304):
            if not more:
                self.left = len(body)
                headers.append((b"content-length", b"%d" % len(body)))
            elif self.request.version == "1.0":
                self.close = True  # the body ends with the connection
            else:
                self.chunked = True
                headers.append((b"transfer-encoding", b"chunked"))
        # A body that was not asked for to its end would be taken for the next request.
        self.close = self.close or not self.body.ended or self.conn.server.stopping
        if self.close:
            headers.append((b"connection", b"close"))
        return head_bytes(status, headers)


def head_bytes(status, headers):
    """The bytes of a head. Names mean the same in any case; people are used to Content-Type."""
    if any(c in value for _, value in headers for c in b"\r\n\x00"):
        raise RuntimeError("a line end in a header")
    lines = [b"HTTP/1.1 %d %b" % (status, HTTPStatus(status).phrase.encode()), *(b"%b: %b" % (n.title(), v) for n, v in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def refusal(status, *headers):
    """The response to a request that the application is not asked about. The connection ends with it."""
    body = HTTPStatus(status).phrase.encode() + b"\n"
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body)), *headers, (b"connection", b"close")]
    return head_bytes(status, headers) + body
