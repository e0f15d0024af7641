"""The question waits until the socket to the backend is connected.

It is a Unix socket, where a write fails with ENOTCONN until then.
"""

import socket
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "python"))  # where machine is
import machine

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(1)
client, _ = socket.socketpair()
c = machine.Conn(client, None)
c._backend, c.state, c._outbox = socket.socket(socket.AF_UNIX), machine.State.ASKING, b"delay=0\n"
c.step()
assert c.state is machine.State.ASKING and c.dry, c.state
c._backend.connect(sys.argv[1])
c.step()
assert c.state is machine.State.HEARING, c.state
