"""The applications of apps_test.go in Python: for any server, one process."""

import os
import sys

MOST = 4096  # how often /endless yields if it is not stopped

asked = closed = 0


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
    def chunks():
        global asked
        asked = 0
        while asked < MOST:
            asked += 1
            yield bytes(64 << 10)

    start("200 OK", plain())
    return Closing(chunks())


def was_asked(environ, start):
    start("200 OK", plain())
    return [b"%d" % asked]


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


def framed(status, length, body):
    """Answer with a status, a Content-Length if length is not empty, and a body."""

    def app(environ, start):
        headers = [("Content-Length", length)] if length else []
        if not status.startswith(("204", "304")):
            headers.append(("Content-Type", "text/plain"))  # required by wsgiref's validator
        start(status, headers)
        return [body]

    return app


def read(environ, more=0):
    """Read the body, but no further: where the server does not end the input, that might wait for the client."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    try:
        if more or not environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read(length + more)
        else:
            body = environ["wsgi.input"].read(-1)
    except OSError:
        return b", error"
    return body + (b", error" if len(body) < length else b", <nil>")


def echo(environ, start):
    body = read(environ)
    start("200 OK", plain())
    return [body]


def past(environ, start):
    body = read(environ, 4)
    start("200 OK", plain())
    return [body]


def gate(environ, start):
    start("200 OK", plain())
    yield b"first "
    yield b"then " + read(environ)


def line(environ, start):
    text = environ["wsgi.input"].readline()
    start("200 OK", plain())
    return [b'"' + text.replace(b"\n", b"\\n") + b'", <nil>']


CGI = (
    "CONTENT_", "HTTP_", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "REQUEST_METHOD", "SCRIPT_NAME", "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL", "wsgi.url_scheme",
)  # fmt: skip


def list_of(begins):
    """List texts of the environ. The server's name may be anything but empty."""

    def app(environ, start):
        names = sorted(name for name in environ if name.startswith(begins))
        named = {name for name in ("SERVER_NAME", "SERVER_PORT") if environ[name]}
        start("200 OK", plain())
        return [", ".join(name if name in named else f"{name}={environ[name]}" for name in names).encode("latin-1")]

    return app


def proxy(environ, start):
    """Answer whether HTTP clients of this process would use a header of the client as their proxy."""
    start("200 OK", plain())
    return [b"evil" if os.environ.get("HTTP_PROXY") == "evil" else b"not evil"]


def flags(environ, start):
    start("200 OK", plain())
    said = [environ["wsgi." + name] for name in ("multithread", "multiprocess", "run_once", "version")]
    return ["threads {}, processes {}, once {}, version {}".format(*said).lower().encode()]


def shout(app):
    """A middleware: it yields a chunk for each chunk, and closing its iterable closes the inner one."""

    def shouting(environ, start):
        chunks = app(environ, start)
        try:
            for chunk in chunks:
                yield chunk.upper()
        finally:
            if hasattr(chunks, "close"):
                chunks.close()

    return shouting


def application(environ, start):
    path = environ["PATH_INFO"]
    if path.startswith("/bytes/"):
        start("200 OK", plain())
        return [path[len("/bytes/") :].encode("latin-1")]
    if path.startswith("/shout/"):
        return shout(APPS[path[len("/shout") :]])(environ, start)
    return APPS[path](environ, start)


APPS = {
    "/hello": hello, "/own": own, "/head": head, "/bad-status": bad_status, "/bad-header": bad_header, "/hop": hop,
    "/proxy": proxy,
    "/write": writes, "/changes-its-mind": changes_its_mind, "/starts-twice": starts_twice, "/too-late": too_late,
    "/fails-early": fails_early, "/fails-late": fails_late, "/starts-inside": starts_inside,
    "/never-starts": never_starts,
    "/ends": ends, "/closed": is_closed, "/endless": endless, "/long": long, "/short": short, "/two": two,
    "/asked": was_asked, "/past": past, "/gate": gate,
    "/environ": list_of(CGI), "/http": list_of("HTTP_"), "/flags": flags, "/nothing": nothing,
    "/no-content": no_content,
    "/no-content-named": framed("204 No Content", "5", b"hello"), "/no-content-none": framed("204 No Content", "0",
    b""),
    "/reset": framed("205 Reset Content", "5", b"hello"),
    "/not-modified": framed("304 Not Modified", "5", b""), "/not-modified-bodied": framed("304 Not Modified", "",
    b"hello"),
    "/echo": echo, "/line": line,
}  # fmt: skip
