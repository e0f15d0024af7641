"""The applications on the book's server in Python, wsgiref with threads and our own heads, under the same validator."""

import sys
from pathlib import Path
from wsgiref.validate import validator

sys.path.append(str(Path(__file__).resolve().parents[4] / "wsgi"))  # where server is
import server
from apps import application

serving = server.Server(("127.0.0.1", 0), server.Handler)
serving.set_app(validator(application))
print("listening on 127.0.0.1:%d" % serving.server_port, flush=True)
serving.serve_forever()
