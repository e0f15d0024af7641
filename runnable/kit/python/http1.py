"""HTTP/1.1 without input and output, which is the same in every server of the book and not its subject.

A server passes it the bytes that arrived and takes the next request; a request has the question for the backend and
formats its reply. http1.go and http1.h are the same for Go and C.
"""

import re
import socket
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
        self._bytes = bytearray()
        self._closed = False  # the last request was returned: what follows is discarded

    def add(self, arrived):
        """Append bytes that arrived."""
        if not self._closed:
            self._bytes += arrived

    def next(self):
        """Remove the oldest request from the inbox; None while its head is not complete.

        A malformed or too long head is returned as a request whose reply says so and closes the connection.
        """
        if self._closed:
            return None
        try:
            head = cut_head(self._bytes)
            if not head:
                return None
            request = _request(head)
        except Refused as refused:
            request = Request(HTTPStatus(refused.status), close=True, head_only=refused.head_only)
        self._closed = request.close
        return request


class Request:
    """The part of a request that a server needs."""

    def __init__(self, status, close, question=None, head_only=False, burns=0):
        self.close = close  # the connection closes after the reply
        self.asks = question is not None  # the backend must be asked before the reply
        self.question = question  # the line for the backend
        self._status = status
        self._head_only = head_only  # HEAD: the reply has no body
        self._burns = burns  # how many milliseconds the reply takes to compute

    def reply(self):
        """Return the reply's bytes, for a request that does not ask the backend.

        A reply to /burn takes time to compute: it stands for handlers that compute, such as one that renders a report.
        """
        if self._burns:
            _burn(self._burns)
            return self._reply(self._status, b"burned %d ms\n" % self._burns)
        if self._status == HTTPStatus.OK:
            return self._reply(self._status, b"hello\n")
        return self._reply(self._status, self._status.phrase.encode() + b"\n")

    def answer(self, line):
        """Return the reply's bytes, for a request that asks, from the backend's line."""
        return self._reply(HTTPStatus.OK, line)

    def unanswered(self):
        """Return the reply's bytes when the backend could not be asked."""
        return self._reply(HTTPStatus.BAD_GATEWAY, HTTPStatus.BAD_GATEWAY.phrase.encode() + b"\n")

    def _reply(self, status, body):
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}"
        if self.close:
            head += "\r\nConnection: close"
        head += "\r\n\r\n"
        return head.encode() + (b"" if self._head_only else body)


def _burn(ms):
    """Spin for ms milliseconds. A single-threaded server can do nothing else meanwhile."""
    end = time.monotonic() + ms / 1000
    while time.monotonic() < end:
        pass


_BURN = re.compile(rb"ms=([0-9]{1,4})")


def _request(head):
    """Take from a head what the book's servers need.

    Their requests have no body. A request that announces one is refused, in chunks or not, because its bytes would
    be read as the next request: 501, as this server lacks what the request needs (RFC 9110, section
    15.6.2). 411 would ask for a Content-Length, which would not help.
    """
    head_only = head.method == "HEAD"
    if head.length != 0:
        raise Refused(501, head_only)
    if head.path == b"/ask":
        return Request(HTTPStatus.OK, head.close, head.query + b"\n", head_only)
    if head.path == b"/burn":
        burn = _BURN.fullmatch(head.query)
        if not burn or not 1 <= int(burn[1]) <= MAX_BURN:
            raise Refused(400, head_only)
        return Request(HTTPStatus.OK, head.close, head_only=head_only, burns=int(burn[1]))
    return Request(HTTPStatus.OK if head.path == b"/" else HTTPStatus.NOT_FOUND, head.close, head_only=head_only)


# The standard library's parser of heads (http.client.parse_headers) accepts what a server must refuse: it takes a line
# without a colon for the end of the head. So the grammar of RFC 9112 and RFC 9110 is written out here.
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(rb"(?P<method>" + TOKEN + rb") (?P<target>[^ ]*) HTTP/(?P<major>[0-9])\.(?P<minor>[0-9])")
_TARGET = re.compile(
    rb"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>[^:/?\x00-\x20\x7f][^/?\x00-\x20\x7f]*))?"
    rb"(?P<path>/[^?\x00-\x20\x7f]*)?(?:\?(?P<query>[^\x00-\x20\x7f]*))?"
)
_FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_HOST = re.compile(rb"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?")
_LENGTH = re.compile(rb"0*([0-9]{1,19})")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_EMPTY_LINES = re.compile(rb"(?:\r?\n)*")  # ignored before a request (RFC 9112, section 2.2)


class Refused(Exception):
    """A request that is malformed or not supported: status says why."""

    def __init__(self, status, head_only=False):
        super().__init__(status)
        self.status = status
        self.head_only = head_only  # HEAD: the reply has no body


def cut_head(arrived):
    """Remove a head from a bytearray; None while it is not complete.

    A line feed without its carriage return makes a head malformed: RFC 9112, section 2.2, allows a reader to take it
    for a line end, and two servers that do not agree on that see two different heads.
    """
    del arrived[: _EMPTY_LINES.match(arrived).end()]
    end = arrived.find(b"\r\n\r\n", 0, MAX_HEAD)
    seen = end if end >= 0 else MAX_HEAD
    if arrived.count(b"\n", 0, seen) > arrived.count(b"\r\n", 0, seen):
        raise Refused(400)
    if end >= 0:
        head = bytes(arrived[:end])
        del arrived[: end + 4]
        return Head(head)
    if len(arrived) >= MAX_HEAD:
        raise Refused(431)
    return None


class Head:
    """A request's head, for servers whose requests may have a body as well. Other servers: see Request."""

    def __init__(self, head):
        line, *fields = head.split(b"\r\n")
        request = _REQUEST_LINE.fullmatch(line)
        if not request:
            raise Refused(400)
        self.method = request["method"].decode()
        if request["major"] != b"1":
            raise self._refused(505)
        self.version = "1.0" if request["minor"] == b"0" else "1.1"  # a later 1.x counts as 1.1 (RFC 9110, section 6.2)
        host, status = self._read_target(request["target"])
        self.headers = []  # names in lower case; the value of host is the target's host if the target names one
        told = {b"host": [], b"content-length": [], b"transfer-encoding": [], b"connection": [], b"expect": []}
        for field in fields:
            name, value = header = parse_field(field)
            self.headers.append(header)
            if name in told:
                told[name].append(value)
            elif not name:
                raise self._refused(400)
        hosts, lengths, codings, connection, expect = told.values()
        if len(hosts) > 1 or not hosts and self.version == "1.1" or not all(map(is_host, hosts)):
            raise self._refused(400)  # RFC 9112, section 3.2
        if host and hosts:  # the field is ignored (section 3.2.2)
            self.headers[self.headers.index((b"host", hosts[0]))] = b"host", host
        elif host:
            self.headers.append((b"host", host))
        if len(lengths) + len(codings) > 1 or codings and self.version == "1.0":
            raise self._refused(400)  # the end of the body is unknown (sections 6.1 and 6.3)
        self.length = 0  # None: in chunks
        if lengths:
            length = _LENGTH.fullmatch(lengths[0])
            if not length or int(length[1]) >= 1 << 63:
                raise self._refused(400)
            self.length = int(length[1])
        if codings:
            coding = codings[0].lower()
            if coding.split(b",")[-1].strip(b" \t") != b"chunked":
                raise self._refused(400)  # as above
            if coding != b"chunked" and status == 200:
                status = 501
            self.length = None
        if status != 200:  # not before: a head without a Host is malformed, whatever its target
            raise self._refused(status)
        self.close = self.version == "1.0" or b"close" in options(connection)
        self.expects = self.version == "1.1" and b"100-continue" in [value.lower() for value in expect]

    def _read_target(self, target):
        """Read the request target in one of three forms (RFC 9112, section 3.2).

        They are /path?query; the same after http://host; and *, with which OPTIONS asks about the whole server. The
        fourth, of CONNECT, is for proxies: a server without tunnels does not have that method, and answers 501
        (RFC 9110, sections 9.1 and 9.3.6).

        The scheme must be http. https needs a secured connection, and the bytes here arrive in clear text; for other
        schemes this server is not an origin. Such a request came to the wrong server, which is 421 (sections 7.4,
        15.5.20).

        Return the host, if the target names one, and the status.
        """
        self.path, self.query = target, b""
        if self.method == "CONNECT":
            return b"", 501
        if target == b"*" and self.method == "OPTIONS":
            return b"", 200
        match = _TARGET.fullmatch(target)
        if not match or not (match["host"] or match["path"]):
            raise self._refused(400)
        host, path = match["host"] or b"", match["path"] or b"/"  # RFC 9110, section 4.2.3
        if not is_host(host) or _BAD_ESCAPE.search(path):
            raise self._refused(400)
        self.path, self.query = unquote_to_bytes(path), match["query"] or b""
        return host, 200 if (match["scheme"] or b"http").lower() == b"http" else 421

    def _refused(self, status):
        return Refused(status, self.method == "HEAD")

    def all(self, name):
        return [value for n, value in self.headers if n == name]

    def get(self, name):
        return next(iter(self.all(name)), b"")

    def has(self, name, option):
        """Report whether the header's value, a list, has an option."""
        return option in options(self.all(name))


def options(values):
    """Return the elements of a field's lines, which together are one list (RFC 9110, section 5.3), in lower case."""
    return [option.strip(b" \t") for value in values for option in value.lower().split(b",")]


def parse_field(line):
    """Read "Name: value", in a head or after a body's chunks (RFC 9112, section 5): the name in lower case.

    A malformed line has the name None.
    """
    match = _FIELD.fullmatch(line)
    return (match[1].lower(), match[2].rstrip(b" \t")) if match else (None, None)


def is_host(value):
    """Report whether the value is allowed for Host (RFC 9110, section 7.2; RFC 3986, section 3.2.2).

    It is a name or an address, optionally with a port. It may be empty.
    """
    match = _HOST.fullmatch(value)
    if not match or not match["address"]:
        return bool(match)
    try:
        socket.inet_pton(socket.AF_INET6, match["address"].decode())
    except OSError:
        return False
    return True
