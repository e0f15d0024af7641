"""A WSGI application that sends the rows of a database as they come, on wsgiref, and four ways to run it.

Two are mistakes, and two are their remedies; -mistake selects.
"""

import argparse
import os
import socket
import struct
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2] / "kit/python")]
import job
import server  # wsgiref's, with a thread for each client


def missing_close(app):
    """Pass the body on in capitals.

    The server closes the iterable that it received: this generator, which does not know the cursor. When the client
    leaves, the application's body stays open.
    """

    def middleware(environ, start_response):
        return (chunk.upper() for chunk in app(environ, start_response))  # the mistake

    return middleware


def closing(app):
    """Pass close on as well, however the loop ends: when the client leaves, GeneratorExit is raised here."""

    def middleware(environ, start_response):
        body = app(environ, start_response)
        try:
            for chunk in body:
                yield chunk.upper()
        finally:
            if hasattr(body, "close"):
                body.close()

    return middleware


def half_for_whole(app):
    """Hide failures from the server, so that no client ever sees one.

    In the middle of a body it is too late for that: the server ends the body as it ends every other, and the client
    takes half of it for the whole.
    """

    def middleware(environ, start_response):
        body = app(environ, start_response)
        try:
            for chunk in body:
                yield chunk
        except Exception as failure:
            job.log(f"{environ['PATH_INFO']}: {failure}")  # the mistake: it is logged, and not raised again
        finally:
            if hasattr(body, "close"):
                body.close()

    return middleware


def whole_or_nothing(app):
    """Log it and let it pass. The server resets the connection, which is the only way left to inform the client."""

    def middleware(environ, start_response):
        body = app(environ, start_response)
        try:
            for chunk in body:
                yield chunk
        except Exception as failure:
            job.log(f"{environ['PATH_INFO']}: {failure}")
            raise
        finally:
            if hasattr(body, "close"):
                body.close()

    return middleware


class Reply(server.Reply):
    def handle_error(self):
        """Send an error page. If half of the reply is sent, reset the connection: wsgiref only closes it."""
        begun = self.headers_sent
        super().handle_error()
        if begun:
            conn = self.request_handler.connection
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(conn.detach())


server.Reply = Reply  # with which its handler answers


class Database:
    """The backend, to which there are five connections at most."""

    def __init__(self, addr):
        self.addr, self.lock, self.taken = addr, threading.Lock(), set()

    def connect(self):
        """Return a connection; None when all are taken. It does not wait until one is free."""
        with self.lock:
            if len(self.taken) == 5:
                return None
            conn = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.taken.add(conn)
        conn.connect(self.addr)
        return conn

    def give_back(self, conn):
        with self.lock:
            self.taken.discard(conn)
        conn.close()


class Rows:
    """The body: one row for each question. It gives its connection back after the last row, or when it is closed."""

    def __init__(self, database, conn, questions):
        self.database, self.conn, self.questions = database, conn, iter(questions)

    def __iter__(self):
        return self

    def __next__(self):
        question = next(self.questions, None)
        if question is None:
            self.close()
            raise StopIteration
        self.conn.sendall(question.encode("latin-1") + b"\n")
        row = b""
        while not row.endswith(b"\n"):
            arrived = self.conn.recv(4096)
            if not arrived:
                raise OSError("the database has hung up")
            row += arrived
        return row

    def close(self):
        self.database.give_back(self.conn)


def application(database):
    """Answer /rows?delay=20&delay=20: each part of the query is a question, and each answer a row of the body."""

    def app(environ, start_response):
        plain = [("Content-Type", "text/plain")]
        if environ["PATH_INFO"] != "/rows":
            start_response("404 Not Found", plain)
            return [b"Not Found\n"]
        conn = database.connect()
        if conn is None:
            start_response("503 Service Unavailable", plain)
            return [b"all connections to the database are taken\n"]
        start_response("200 OK", plain)
        return Rows(database, conn, environ["QUERY_STRING"].split("&"))

    return app


def mistake():
    """Parse this program's own flag, and leave the others to job."""
    known = {f.__name__.replace("_", "-"): f for f in (missing_close, closing, half_for_whole, whole_or_nothing)}
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-mistake", "--mistake", choices=known, required=True)
    args, sys.argv[1:] = parser.parse_known_args()
    return known[args.mistake]


if __name__ == "__main__":
    middleware = mistake()
    addr, backend = job.flags()
    try:
        listening = server.Server(addr, server.Handler)
    except OSError as error:
        sys.exit("listen on %s:%d: %s" % (*addr, error))
    listening.set_app(middleware(application(Database(backend))))
    print("listening on %s:%d" % listening.server_address, flush=True)
    listening.serve_forever()
