"""The applications on our own server in Python."""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 4, "asgi"))  # where server is
import server
from apps import application

server.Server(application).run(("127.0.0.1", 0))
