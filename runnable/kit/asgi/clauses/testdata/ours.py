"""The applications on our own server in Python."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[4] / "asgi"))  # where server is
import server
from apps import application

server.Server(application).run(("127.0.0.1", 0))
