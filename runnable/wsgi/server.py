"""The WSGI server of the standard library, and the one job as an application.

wsgiref is PEP 3333's own reference: it shows what a server must do, in a thread for each client, and closes each
connection after one reply. The application knows nothing of it, and runs under Gunicorn or uWSGI as well.
"""

import errno
import hashlib
import re
import socket
import sys
import time
from http import HTTPStatus
from pathlib import Path
from socketserver import ThreadingMixIn
from urllib.parse import parse_qs
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "kit/python"))
import http1
import job

LINGER = 5  # seconds after the reply, for the client to take it and leave


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True  # a client that stays does not keep the program running
    request_queue_size = 128

    def get_request(self):
        """Accept a client. socketserver drops an error and tries again at once: without descriptors it would spin."""
        try:
            return super().get_request()
        except OSError as error:
            job.log(f"accept: {error}")
            if error.errno in (errno.EMFILE, errno.ENFILE):
                time.sleep(0.010)  # let a client leave before we try again
            raise


class Reply(ServerHandler):
    http_version = "1.1"  # the default is 1.0

    def cleanup_headers(self):
        super().cleanup_headers()
        self.headers["Connection"] = "close"  # HTTP/1.1 would keep it open
        if self.status[:3] == "204":
            del self.headers["Content-Length"]  # RFC 9110, section 8.6
        elif self.status[:3] == "205":
            self.headers["Content-Length"] = "0"  # section 15.3.6

    def send_headers(self):
        super().send_headers()
        if self.environ["REQUEST_METHOD"] == "HEAD" or self.status[:3] in ("204", "205", "304"):
            self._write = lambda data: None  # no body follows (section 6.4.1)


class Handler(WSGIRequestHandler):
    def handle(self):
        """Answer one request. wsgiref's own does the same, but it takes heads that a server must refuse (one without a
        Host, for example), and its environ says that it has one thread.
        """
        try:
            self.head = self.read_head()
            if self.head:
                if self.head.expects and self.head.length:
                    self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")  # the client waits for it
                reply = Reply(self.rfile, self.wfile, self.get_stderr(), self.get_environ(), multithread=True)
                reply.request_handler = self
                reply.run(self.server.get_app())
        except http1.Refused as refused:
            refusal = http1.Request(HTTPStatus(refused.status), close=True, head_only=refused.head_only)
            self.wfile.write(refusal.reply())
        self.leave()

    def read_head(self):
        """Wait for a head; None when the client leaves before its end. Nothing of the body is read with it."""
        arrived = bytearray()
        while line := self.rfile.readline(http1.MAX_HEAD - len(arrived)):
            arrived += line
            if head := http1.cut_head(arrived):
                if head.length is None:  # PEP 3333 has no word for a body in chunks, and wsgiref does not read it
                    raise http1.Refused(501, head.method == "HEAD")
                return head
        return None

    def get_environ(self):
        """Return the request as the application receives it."""
        head = self.head
        environ = {
            **self.server.base_environ, "REQUEST_METHOD": head.method, "PATH_INFO": head.path.decode("latin-1"),
            "QUERY_STRING": head.query.decode("latin-1"), "SERVER_PROTOCOL": f"HTTP/{head.version}",
            "REMOTE_ADDR": self.client_address[0],
        }  # fmt: skip
        for name, value in head.headers:
            if b"_" in name or name == b"proxy":
                continue  # X_Real_IP could pass for X-Real-IP, HTTP_PROXY for our own proxy ("httpoxy", 2016)
            key = name.decode().upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key
            separator = "; " if name == b"cookie" else ", "  # a field on several lines is one list
            environ[key] = separator.join(filter(None, [environ.get(key), value.decode("latin-1")]))
        return environ

    def leave(self):
        """End our side, and read on until the client's own end.

        Closing with bytes unread would be a reset, and our last bytes might be lost with it (RFC 9112, section 9.6).
        """
        end = time.monotonic() + LINGER
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER)
            while time.monotonic() < end and self.connection.recv(64 << 10):
                pass
        except OSError:
            pass  # the client left, or was silent for too long

    def log_request(self, *_):
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
        if path != "/upload" and (length(environ) or "HTTP_TRANSFER_ENCODING" in environ):
            return text(start_response, "501 Not Implemented", b"Not Implemented\n")  # as our other servers
        if path == "/":
            return text(start_response, "200 OK", b"hello\n")
        if path == "/ask":
            try:
                line = job.ask(backend, query.encode("latin-1") + b"\n")  # a slow backend holds this thread
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
    """Return a reply whose length is known."""
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
    """Count and hash a body as it arrives. PEP 3333 has no word for bodies in chunks: wsgiref does not read them."""
    left, count, sha256 = length(environ), 0, hashlib.sha256()
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


def length(environ):
    """Return the length of the request's body. int counts leading zeros, and refuses more than 4300 digits."""
    return int(environ.get("CONTENT_LENGTH", "").lstrip("0") or 0)


def number(query, name, otherwise, most):
    """Return a value of the query, a number from 1 to most; otherwise, if it is missing or anything else."""
    digits = re.fullmatch("0*([1-9][0-9]{0,4})", parse_qs(query).get(name, [""])[0])  # for int, as above
    return int(digits[1]) if digits and int(digits[1]) <= most else otherwise


if __name__ == "__main__":
    main()
