"""What the little application needs in every framework: whom to ask, and the ways to ask that are written already."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# First the WSGI program of the book, whose file has the name of ours, and its ASGI application.
sys.path[:0] = [os.path.join(HERE, "..", folder) for folder in ("wsgi", "asgi")]

host, _, port = os.environ["BACKEND"].rpartition(":")
backend = host, int(port)
