"""The parts of the little application that are the same in every framework: the backend and the uploads."""

import hashlib
import os
import sys
from pathlib import Path

# First the book's WSGI program, whose file name is also that of our server, and then its ASGI application.
sys.path[:0] = [str(Path(__file__).resolve().parents[2] / folder) for folder in ("wsgi", "asgi")]

host, _, port = os.environ["BACKEND"].rpartition(":")
backend = host, int(port)


class Upload:
    """The length and the hash of a request's body, which itself is not kept."""

    def __init__(self):
        self.n, self.sha256 = 0, hashlib.sha256()

    def add(self, piece):
        self.n += len(piece)
        self.sha256.update(piece)

    def line(self):
        return f"{self.n} bytes, sha256 {self.sha256.hexdigest()}\n"
