"""The applications of apps_test.go in Python, under wsgiref's own validator and server, one request at a time."""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

closed = 0


class Closing:
    """An iterable that counts how often it was closed."""

    def __init__(self, chunks):
        self._chunks = chunks

    def __iter__(self):
        return iter(self._chunks)

    def close(self):
        global closed
        closed += 1


def plain(*more):
    return [("Content-Type", "text/plain"), *zip(more[::2], more[1::2])]


def hello(environ, start):
    start("200 OK", plain("Content-Length", "6"))
    return [b"hello\n"]


def own(environ, start):
    start("200 OK", plain())
    mark = b"used" if "battery.mark" in environ else b"fresh"
    environ["battery.mark"] = True
    return [mark]


def head(environ, start):
    start("299 Fine by me", plain("X-One", "1", "X-Two", "2", "X-One", "3"))
    return [b"ok"]


def bad_status(environ, start):
    start("fine", plain())
    return [b"ok"]


def bad_header(environ, start):
    start("200 OK", plain("X-Split", "a\r\nSet-Cookie: b"))
    return [b"ok"]


def hop(environ, start):
    start("200 OK", plain("Connection", "keep-alive"))
    return [b"ok"]


def writes(environ, start):
    start("200 OK", plain())(b"written, ")
    return [b"then yielded"]


def excuse(start, status):
    try:
        raise RuntimeError("no database")
    except RuntimeError:
        start(status, plain(), sys.exc_info())


def changes_its_mind(environ, start):
    start("200 OK", plain())
    yield b""
    excuse(start, "503 Sorry")
    yield b"sorry"


def starts_twice(environ, start):
    start("200 OK", plain())
    start("200 OK", plain())
    return [b"ok"]


def too_late(environ, start):
    start("200 OK", plain())
    yield b"part"
    excuse(start, "500 Oops")
    yield b"never sent"


def fails_early(environ, start):
    start("200 OK", plain())
    raise RuntimeError("before a chunk")


def fails_late(environ, start):
    def chunks():
        yield b"part"
        raise RuntimeError("after a chunk")

    start("200 OK", plain())
    return Closing(chunks())


def starts_inside(environ, start):
    start("200 OK", plain())
    yield b"ok"


def never_starts(environ, start):
    return []


def ends(environ, start):
    start("200 OK", plain())
    return Closing([b"ok"])


def is_closed(environ, start):
    start("200 OK", plain())
    return [b"%d" % closed]


def endless(environ, start):
    start("200 OK", plain())
    return Closing(bytes(64 << 10) for _ in range(4096))


def long(environ, start):
    start("200 OK", plain("Content-Length", "7"))
    return [b"hello", b" world"]


def short(environ, start):
    start("200 OK", plain("Content-Length", "7"))
    return [b"hello"]


def two(environ, start):
    start("200 OK", plain())
    return [b"one, ", b"", b"two"]


def nothing(environ, start):
    start("200 OK", plain())
    return []


def no_content(environ, start):
    start("204 No Content", [])
    return []


def echo(environ, start):
    # wsgiref's input has no end: to read on would wait for the client. PEP 3333 allows servers that.
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start("200 OK", plain())
    return [body + b", <nil>"]


def line(environ, start):
    text = environ["wsgi.input"].readline()
    start("200 OK", plain())
    return [b'"' + text.replace(b"\n", b"\\n") + b'", <nil>']


def all_of_them(environ, start):
    path = environ["PATH_INFO"]
    if path.startswith("/bytes/"):
        start("200 OK", plain())
        return [path[len("/bytes/") :].encode("latin-1")]
    return APPS[path](environ, start)


APPS = {
    "/hello": hello, "/own": own, "/head": head, "/bad-status": bad_status, "/bad-header": bad_header, "/hop": hop,
    "/write": writes, "/changes-its-mind": changes_its_mind, "/starts-twice": starts_twice, "/too-late": too_late,
    "/fails-early": fails_early, "/fails-late": fails_late, "/starts-inside": starts_inside, "/never-starts": never_starts,
    "/ends": ends, "/closed": is_closed, "/endless": endless, "/long": long, "/short": short, "/two": two,
    "/nothing": nothing, "/no-content": no_content, "/echo": echo, "/line": line,
}  # fmt: skip


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


with make_server("127.0.0.1", 0, validator(all_of_them), handler_class=Quiet) as server:
    print("127.0.0.1:%d" % server.server_port, flush=True)
    server.serve_forever()
