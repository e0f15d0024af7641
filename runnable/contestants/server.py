"""The servers and the frameworks of others, on the book's little application: contestants, where they are installed.

-run says which server, -app in which framework the application is written; without it, it is the bare one. This program
opens the listening socket, so that any free port will do, and hands it over. Then it becomes the server, as its users start
it; those that cannot be handed a socket on their command line are called as they document it. What they would write for
each request is turned off, as everybody's here is.
"""

import asyncio
import os
import runpy
import socket
import sys
from importlib import import_module

HERE = os.path.dirname(os.path.abspath(__file__))
ASGI = os.path.join(HERE, "..", "asgi")
sys.path += [ASGI, os.path.join(HERE, "..", "kit", "python")]  # where app is, the bare application, and job
import job

KEEP = 75  # seconds that a connection is kept open between two requests: as long as our servers keep it


def gunicorn(listener, module, *more):
    become(sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "--keep-alive", str(KEEP),
           "--log-level", "warning", "--chdir", HERE, *more, module + ":application")  # fmt: skip


def uwsgi(listener, module, threads):
    """uWSGI has Python as a plugin with distributions, and built in if pip has made it: then --plugin only says so."""
    become("uwsgi", "--plugin", "python3", "--http11-socket", f"fd://{listener.fileno()}", "--master", "--die-on-term",
           "--need-app", "--single-interpreter", "--enable-threads", "--threads", threads, "--disable-logging",
           "--chdir", HERE, "--module", module)  # fmt: skip


def daphne(listener, module, _):
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [HERE, ASGI, os.environ.get("PYTHONPATH")]))
    become(sys.executable, "-m", "daphne", "--fd", str(listener.fileno()), "--verbosity", "0", module + ":application")


def uvicorn(listener, module, _):
    """With uvloop and httptools if they are installed. --fd would take any socket for one of Unix, without TCP_NODELAY."""
    from uvicorn import Config, Server

    config = Config(module + ":application", access_log=False, log_level="warning", timeout_keep_alive=KEEP)
    Server(config).run(sockets=[listener])


def hypercorn(listener, module, _):
    """Called, it is one process in all its versions."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config.from_mapping(bind=f"fd://{listener.detach()}", keep_alive_timeout=KEEP, loglevel="ERROR")
    asyncio.run(serve(import_module(module).application, config))


def aiohttp(listener, module, _):
    from aiohttp.web import run_app

    run_app(import_module(module).application, sock=listener, access_log=None, print=None, keepalive_timeout=KEEP)


def become(*argv):
    """Turn this process into another program, which keeps the listener."""
    os.execvp(argv[0], argv)


def wsgiref(addr, application):
    """The program of the folder wsgi, with another application."""
    program = runpy.run_path(os.path.join(HERE, "..", "wsgi", "server.py"))
    server = program["Server"](addr, program["Handler"])
    server.set_app(application)
    print("listening on %s:%d" % server.server_address, flush=True)
    server.serve_forever()


def book(addr, application):
    """The program of the folder asgi, with another application."""
    asyncio.run(runpy.run_path(os.path.join(ASGI, "server.py"))["Server"](application).serve(addr))


def gthread(listener, module, threads):
    gunicorn(listener, module, "--worker-class", "gthread", "--threads", threads)


def sync(listener, module, _):
    gunicorn(listener, module, "--worker-class", "sync", "--workers", "4")


# The servers, each with the bare application that suits it.
SERVERS = {
    "gunicorn": ("wsgi_app", gthread), "gunicorn-sync": ("wsgi_app", sync), "uwsgi": ("wsgi_app", uwsgi), "daphne": ("app", daphne),
    "uvicorn": ("app", uvicorn), "hypercorn": ("app", hypercorn), "aiohttp": ("aiohttp_app", aiohttp),
}  # fmt: skip
OURS = {"wsgiref": ("wsgi_app", wsgiref), "asgi": ("app", book)}  # they listen by themselves, and are here for the frameworks
FRAMEWORKS = ["flask", "django", "starlette", "fastapi", "quart"]


def main():
    addr, backend, run, framework, threads = job.flags(run=[*SERVERS, *OURS], app=FRAMEWORKS, threads=("4", "64"))
    os.environ["BACKEND"] = "%s:%d" % backend  # where the applications look for it
    bare, serve = (SERVERS | OURS)[run or "gunicorn"]
    module = framework + "_app" if framework else bare
    if run in OURS:
        return serve(addr, import_module(module).application)
    try:
        listener = socket.create_server(addr, backlog=128)
    except OSError as error:
        sys.exit("listen on %s:%d: %s" % (*addr, error))
    listener.set_inheritable(True)
    announce(listener)
    serve(listener, module, threads or "4")


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
