"""The servers and the frameworks of others, on the book's little application: contestants, where they are installed.

-run says which. This program opens the listening socket, so that any free port will do, and hands it over. Then it becomes
the server, as its users start it; those that cannot be handed a socket on their command line are called as they document
it. What they would write for each request is turned off, as everybody's here is.
"""

import asyncio
import os
import socket
import sys
from importlib import import_module

HERE = os.path.dirname(os.path.abspath(__file__))
ASGI = os.path.join(HERE, "..", "asgi")
sys.path += [ASGI, os.path.join(HERE, "..", "kit", "python")]  # where app is, the bare application, and job
import job

KEEP = 75  # seconds that a connection is kept open between two requests: as long as our servers keep it


def gunicorn(listener, application, *more):
    become(sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "--keep-alive", str(KEEP),
           "--log-level", "warning", "--chdir", HERE, *more, application)  # fmt: skip


def uwsgi(listener, application, threads):
    """uWSGI has Python as a plugin with distributions, and built in if pip has made it: then --plugin only says so."""
    become("uwsgi", "--plugin", "python3", "--http11-socket", f"fd://{listener.fileno()}", "--master", "--die-on-term",
           "--need-app", "--single-interpreter", "--enable-threads", "--threads", threads, "--disable-logging",
           "--chdir", HERE, "--module", application)  # fmt: skip


def daphne(listener, application):
    os.chdir(ASGI)
    become(sys.executable, "-m", "daphne", "--fd", str(listener.fileno()), "--verbosity", "0", application)


def uvicorn(listener, application):
    """With uvloop and httptools if they are installed. --fd would take any socket for one of Unix, without TCP_NODELAY."""
    from uvicorn import Config, Server

    config = Config(application, access_log=False, log_level="warning", timeout_keep_alive=KEEP)
    Server(config).run(sockets=[listener])


def hypercorn(listener, module):
    """Called, it is one process in all its versions."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config.from_mapping(bind=f"fd://{listener.detach()}", keep_alive_timeout=KEEP, loglevel="ERROR")
    asyncio.run(serve(import_module(module).application, config))


def aiohttp(listener, module):
    from aiohttp.web import run_app

    run_app(import_module(module).application, sock=listener, access_log=None, print=None, keepalive_timeout=KEEP)


def become(*argv):
    """Turn this process into another program, which keeps the listener."""
    os.execvp(argv[0], argv)


# The little application bare, and in each framework, on the server that the framework's documentation names first. The last
# parameter is how many threads there are.
CONTESTANTS = {
    "gunicorn": lambda listener, n: gunicorn(listener, "wsgi_app:application", "--worker-class", "gthread", "--threads", n),
    "gunicorn-sync": lambda listener, _: gunicorn(listener, "wsgi_app:application", "--worker-class", "sync", "--workers", "4"),
    "uwsgi": lambda listener, n: uwsgi(listener, "wsgi_app", n),
    "daphne": lambda listener, _: daphne(listener, "app:application"),
    "uvicorn": lambda listener, _: uvicorn(listener, "app:application"),
    "hypercorn": lambda listener, _: hypercorn(listener, "app"),
    "flask": lambda listener, n: gunicorn(listener, "flask_app:application", "--worker-class", "gthread", "--threads", n),
    "django": lambda listener, n: gunicorn(listener, "django_app:application", "--worker-class", "gthread", "--threads", n),
    "starlette": lambda listener, _: uvicorn(listener, "starlette_app:application"),
    "fastapi": lambda listener, _: uvicorn(listener, "fastapi_app:application"),
    "quart": lambda listener, _: hypercorn(listener, "quart_app"),
    "aiohttp": lambda listener, _: aiohttp(listener, "aiohttp_app"),
}


def main():
    addr, backend, name, threads = job.flags(run=list(CONTESTANTS), threads=("4", "64"))
    os.environ["BACKEND"] = "%s:%d" % backend  # where the applications look for it
    try:
        listener = socket.create_server(addr, backlog=128)
    except OSError as error:
        sys.exit("listen on %s:%d: %s" % (*addr, error))
    listener.set_inheritable(True)
    announce(listener)
    CONTESTANTS[name or "gunicorn"](listener, threads or "4")


def announce(listener):
    """Say where it listens when a first request has been answered: the kernel lets clients in long before the server is up.

    A grandchild asks, so that the server's process is left alone and has no child of whose end it must take notice.
    """
    if child := os.fork():
        os.waitpid(child, 0)
        return
    if os.fork() == 0:
        addr = listener.getsockname()
        listener.close()  # only the server may hold it: when it ends, so does the connection to it
        try:
            with socket.create_connection(addr) as conn:
                conn.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if conn.recv(1):
                    print("listening on %s:%d" % addr, flush=True)
        except OSError:
            pass  # it did not come up, and says why itself
    os._exit(0)


if __name__ == "__main__":
    main()
