"""The part of the job that is the same in every server and not the point of any: HTTP/1.1 without input and output.

A server feeds it the bytes that arrived and asks for the next request; a request knows what to ask the backend and how
to word its reply. http1.go and http1.h are the same for Go and C.
"""

import re
import time
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

# How many bytes a request's head may have, the empty line included. A longer one is refused with 431.
MAX_HEAD = 8 << 10
# How many milliseconds a request may keep the processor busy.
MAX_BURN = 2000


class Inbox:
    """The bytes that a connection has received and not yet used."""

    def __init__(self):
        self._bytes = b""
        self._closed = False  # the last request has been handed out: what follows is thrown away

    def add(self, arrived):
        """Put bytes that arrived behind those that wait."""
        if not self._closed:
            self._bytes += arrived

    def next(self):
        """Cut the oldest request off the inbox; None while its head is not complete.

        A head that is malformed or too long comes out as a request whose reply says so, and which closes the
        connection.
        """
        if self._closed:
            return None
        self._bytes = self._bytes.lstrip(b"\r\n")  # empty lines before a request do no harm (RFC 9112, 2.2)
        end = self._bytes.find(b"\r\n\r\n") + 4
        if 4 <= end <= MAX_HEAD:
            request = _parse(self._bytes[:end])
            self._bytes = self._bytes[end:]
        elif end > MAX_HEAD or len(self._bytes) >= MAX_HEAD:
            request = Request(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, close=True)
        else:
            return None
        self._closed = request.close
        return request


class Request:
    """What a server needs to know of a request."""

    def __init__(self, status, close, question=None, head_only=False, burns=0):
        self.close = close  # the connection ends after the reply
        self.asks = question is not None  # the backend must be asked before the reply
        self.question = question  # the line for the backend
        self._status = status
        self._head_only = head_only  # HEAD: the reply has no body
        self._burns = burns  # how many milliseconds making the reply computes

    def reply(self):
        """The reply's bytes, for a request that does not ask.

        The one to /burn takes its time to make: it stands for all that computes in a handler, a picture or a report say.
        """
        if self._burns:
            _burn(self._burns)
            return self._reply(self._status, b"burned %d ms\n" % self._burns)
        if self._status == HTTPStatus.OK:
            return self._reply(self._status, b"hello\n")
        return self._reply(self._status, self._status.phrase.encode() + b"\n")

    def answer(self, line):
        """The reply's bytes, for a request that asks, from the backend's line."""
        return self._reply(HTTPStatus.OK, line)

    def unanswered(self):
        """The reply's bytes when the backend could not be asked."""
        return self._reply(HTTPStatus.BAD_GATEWAY, HTTPStatus.BAD_GATEWAY.phrase.encode() + b"\n")

    def _reply(self, status, body):
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}"
        if self.close:
            head += "\r\nConnection: close"
        head += "\r\n\r\n"
        return head.encode() + (b"" if self._head_only else body)


def _burn(ms):
    """Compute, in that it looks at the clock, until so many milliseconds have passed. It makes no call that waits."""
    end = time.monotonic() + ms / 1000
    while time.monotonic() < end:
        pass


# The standard library's own parser of heads (http.client.parse_headers) forgives what a server must refuse: it takes a
# line without a colon for the end of the head. So the grammar of RFC 9112 and RFC 9110 stands here.
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(
    rb"(?P<method>" + _TOKEN + rb") "
    rb"(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?\x00-\x20\x7f]*)?"  # http://name before the path is allowed, and means nothing here
    rb"(?P<path>/[^?\x00-\x20\x7f]*|\*)(?:\?(?P<query>[^\x00-\x20\x7f]*))? "
    rb"HTTP/(?P<version>[0-9]\.[0-9])"
)
_FIELD = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_BURN = re.compile(rb"ms=([0-9]{1,4})")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def _parse(head):
    """Read a complete head.

    There is no body in this book: a request that announces one is refused, because its bytes would be taken for the
    next request.
    """
    refused = Request(HTTPStatus.BAD_REQUEST, close=True)
    request_line, *fields = head[:-4].split(b"\r\n")
    request = _REQUEST_LINE.fullmatch(request_line)
    if not request or _BAD_ESCAPE.search(request["path"]):
        return refused
    hosts = 0
    close = request["version"] < b"1.1"
    for field in fields:
        match = _FIELD.fullmatch(field)
        if not match:
            return refused
        name, value = match[1].lower(), match[2].rstrip(b" \t")
        if name == b"transfer-encoding" or name == b"content-length" and (not value or value.strip(b"0")):
            return refused
        if name == b"connection":
            close = close or b"close" in [option.strip(b" \t") for option in value.lower().split(b",")]
        if name == b"host":
            hosts += 1
    if hosts > 1:
        return refused

    path, head_only = unquote_to_bytes(request["path"]), request["method"] == b"HEAD"
    if path == b"/ask":
        return Request(HTTPStatus.OK, close, (request["query"] or b"") + b"\n", head_only)
    if path == b"/burn":
        burn = _BURN.fullmatch(request["query"] or b"")
        if not burn or not 1 <= int(burn[1]) <= MAX_BURN:
            return refused
        return Request(HTTPStatus.OK, close, head_only=head_only, burns=int(burn[1]))
    return Request(HTTPStatus.OK if path == b"/" else HTTPStatus.NOT_FOUND, close, head_only=head_only)
