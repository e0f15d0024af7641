"""The handler for servers that must not wait.

Where the blocking handler stops in the middle of a line, a program that may not stop has to store where it was: the
handler becomes a state machine.
"""

import enum
import errno
import socket

import http1


class State(enum.Enum):
    """How far a connection's handler is. In each state the connection waits for one thing."""

    READING = enum.auto()  # for bytes of the client's request
    ASKING = enum.auto()  # for the backend to take the question; before that, for the connection to it
    HEARING = enum.auto()  # for the backend's line
    WRITING = enum.auto()  # for the client to take the reply
    GONE = enum.auto()  # for nothing: the connection is closed


class Conn:
    """A client's connection and all that its handler must remember. Both sockets are non-blocking."""

    def __init__(self, client, backend):
        """Take over an accepted connection."""
        self.state = State.READING
        self.dry = False  # the last step ended with EAGAIN: the next has nothing to do until the socket is ready
        self._client = client
        self._backend = None  # while asking and hearing
        self._address = backend
        self._inbox = http1.Inbox()
        self._request = None
        self._line = b""  # what the backend has answered so far
        self._outbox = b""  # bytes still to be written, to the client or the backend, depending on the state
        client.setblocking(False)  # accepted sockets are always blocking

    def waits(self):
        """Return what the connection waits for: a socket, and whether until it is writable (else readable).

        Equal answers need only one registration: each question has its own socket.
        """
        if self.state is State.ASKING:
            return self._backend, True
        if self.state is State.HEARING:
            return self._backend, False
        if self.state is State.GONE:
            return None, False
        return self._client, self.state is State.WRITING

    def gone(self):
        """Report whether the connection is over."""
        return self.state is State.GONE

    def step(self):
        """Continue the handler from where it was, as far as possible.

        It never waits: if nothing has arrived, it changes nothing.
        """
        self.dry = False
        if self.state is State.READING:
            self._read()
        elif self.state is State.ASKING:
            self._ask()
        elif self.state is State.HEARING:
            self._hear()
        elif self.state is State.WRITING:
            self._write()
        # One recv may have returned several requests. The next is started when the reply to the last is written:
        # replies go out in the order of the requests, and a client that does not take its replies gets no more of them.
        while self.state is State.READING:
            request = self._inbox.next()
            if not request:
                return
            self._begin(request)

    def _read(self):
        try:
            arrived = self._client.recv(4096)
        except BlockingIOError:  # EAGAIN
            self.dry = True
            return
        except OSError:
            arrived = b""
        if arrived:
            self._inbox.add(arrived)
        else:
            self.close()

    def _begin(self, request):
        self._request = request
        if request.asks:
            self._connect()
        else:
            self._reply(request.reply())

    def _connect(self):
        """Start to connect to the backend. The result is EINPROGRESS, and later the socket becomes writable."""
        try:
            self._backend = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        except OSError:
            self._reply(self._request.unanswered())
            return
        self.state, self._outbox, self._line = State.ASKING, self._request.question, b""
        try:
            self._backend.setblocking(False)
            self._backend.connect(self._address)
        except BlockingIOError:  # EINPROGRESS
            pass
        except OSError:
            self._answer(None)
            return
        self.dry = True

    def _ask(self):
        try:
            # Writable may mean connected or refused: the socket's pending error tells which.
            error = self._backend.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                raise OSError(error, "connect")
            n = self._backend.send(self._outbox)
        except OSError as error:
            # Not connected yet: EAGAIN on Linux, ENOTCONN in POSIX, macOS and BSD.
            if error.errno in (errno.EAGAIN, errno.ENOTCONN):
                self.dry = True
            else:
                self._answer(None)
            return
        self._outbox = self._outbox[n:]
        if not self._outbox:
            self.state = State.HEARING

    def _hear(self):
        try:
            arrived = self._backend.recv(64 << 10)
        except BlockingIOError:  # EAGAIN
            self.dry = True
            return
        except OSError:
            arrived = b""
        self._line += arrived
        if not arrived:
            self._answer(None)
        elif self._line.endswith(b"\n"):
            self._answer(self._line)

    def _answer(self, line):
        """Close the backend's connection and reply to the client. A line of None means that the backend failed."""
        self._backend.close()
        self._reply(self._request.unanswered() if line is None else self._request.answer(line))

    def _reply(self, reply):
        self._outbox, self.state = reply, State.WRITING
        self._write()  # there is nearly always room: try at once, and wait only if not

    def _write(self):
        try:
            n = self._client.send(self._outbox)
            self._outbox = self._outbox[n:]
            if self._outbox:
                return  # the kernel took a part: write the rest when there is room again
            if self._request.close:
                self._client.shutdown(socket.SHUT_WR)  # and read until the client's own end of file
        except BlockingIOError:  # EAGAIN
            self.dry = True
            return
        except OSError:
            self.close()
            return
        self.state = State.READING

    def close(self):
        """Drop the client, in any state."""
        if self.state in (State.ASKING, State.HEARING):
            self._backend.close()
        self._client.close()
        self.state = State.GONE
