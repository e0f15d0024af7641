"""What the little application needs in every framework: whom to ask, the ways to ask, and what to tell of an upload."""

import hashlib
import os
import sys
from pathlib import Path

# First the WSGI program of the book, whose file has the name of ours, and its ASGI application.
sys.path[:0] = [str(Path(__file__).resolve().parents[2] / folder) for folder in ("wsgi", "asgi")]

host, _, port = os.environ["BACKEND"].rpartition(":")
backend = host, int(port)


class Upload:
    """A request's body, of which no more is held than its length and its hash."""

    def __init__(self):
        self.n, self.sha256 = 0, hashlib.sha256()

    def add(self, piece):
        self.n += len(piece)
        self.sha256.update(piece)

    def line(self):
        return f"{self.n} bytes, sha256 {self.sha256.hexdigest()}\n"
