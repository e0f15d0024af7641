"""The WSGI server of the standard library, and the one job as an application.

wsgiref is PEP 3333's own reference: it shows what a server must do, in a thread for each client, and closes each
connection after one reply. The application below the line knows nothing of it, and runs under Gunicorn or uWSGI as well.
"""

import errno
import hashlib
import os
import sys
import time
from socketserver import ThreadingMixIn
from urllib.parse import parse_qs
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit", "python"))  # where job is
import job


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True  # a client who stays does not keep the program
    request_queue_size = 128

    def get_request(self):
        """Accept a client. socketserver drops an error and asks again at once: it would spin while no descriptor is free."""
        try:
            return super().get_request()
        except OSError as error:
            job.log(f"accept: {error}")
            if error.errno in (errno.EMFILE, errno.ENFILE):
                time.sleep(0.010)  # let a client leave before we try again
            raise


class Reply(ServerHandler):
    http_version = "1.1"  # else it is that of 1996

    def cleanup_headers(self):
        super().cleanup_headers()
        self.headers["Connection"] = "close"  # HTTP/1.1 must be told


class Handler(WSGIRequestHandler):
    def handle(self):
        """Answer one request. wsgiref's own does the same, but says to the application that it has one thread."""
        self.raw_requestline = self.rfile.readline(65537)
        if self.parse_request():
            reply = Reply(self.rfile, self.wfile, self.get_stderr(), self.get_environ(), multithread=True)
            reply.request_handler = self
            reply.run(self.server.get_app())

    def log_message(self, *_):
        pass  # a line for each request would be most of the work


def main():
    addr, backend = job.flags()
    try:
        server = Server(addr, Handler)
    except OSError as error:
        sys.exit("listen on %s:%d: %s" % (*addr, error))
    server.set_app(application(backend))
    print("listening on %s:%d" % server.server_address, flush=True)
    server.serve_forever()


def application(backend):
    """The one job, and two things more: /stream yields a body piece by piece, /upload reads one."""

    def app(environ, start_response):
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        if path == "/":
            return text(start_response, "200 OK", b"hello\n")
        if path == "/ask":
            try:
                line = job.ask(backend, query.encode() + b"\n")  # here a slow backend holds us, and our thread
            except OSError:
                return text(start_response, "502 Bad Gateway", b"Bad Gateway\n")
            return text(start_response, "200 OK", line)
        if path == "/burn":
            return burn(query, start_response)
        if path == "/stream":
            return stream(query, start_response)
        if path == "/upload":
            return upload(environ, start_response)
        return text(start_response, "404 Not Found", b"Not Found\n")

    return app


def text(start_response, status, body):
    """A reply whose length is known."""
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def stream(query, start_response):
    """Yield n lines with a pause before each but the first: /stream?n=10&ms=100.

    When the client leaves, the server calls close() on this generator.
    """
    lines, pause = number(query, "n", 10, 1000), number(query, "ms", 100, 10_000)
    start_response("200 OK", [("Content-Type", "text/plain")])
    for i in range(lines):
        if i > 0:
            time.sleep(pause / 1000)
        yield b"line %d of %d\n" % (i + 1, lines)


def upload(environ, start_response):
    """Count and hash a body as it comes. PEP 3333 has no word for bodies in chunks: wsgiref does not read them."""
    left, count, sha256 = int(environ.get("CONTENT_LENGTH") or 0), 0, hashlib.sha256()
    while left > 0:
        piece = environ["wsgi.input"].read(min(left, 64 << 10))
        if not piece:
            return text(start_response, "400 Bad Request", b"Bad Request\n")  # the client left
        left, count = left - len(piece), count + len(piece)
        sha256.update(piece)
    return text(start_response, "200 OK", b"%d bytes, sha256 %s\n" % (count, sha256.hexdigest().encode()))


def burn(query, start_response):
    """Keep the processor busy: /burn?ms=5, up to 2000."""
    ms = number(query, "ms", 0, 2000)
    if not ms:
        return text(start_response, "400 Bad Request", b"Bad Request\n")
    end = time.monotonic() + ms / 1000
    while time.monotonic() < end:
        pass
    return text(start_response, "200 OK", b"burned %d ms\n" % ms)


def number(query, name, otherwise, most):
    """A value of the query between 1 and most; otherwise if there is none, or it is something else."""
    value = parse_qs(query).get(name, [""])[0]
    return int(value) if value.isascii() and value.isdigit() and 1 <= int(value) <= most else otherwise


if __name__ == "__main__":
    main()
