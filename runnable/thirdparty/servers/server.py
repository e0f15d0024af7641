"""Third-party servers and frameworks on the book's little application, where they are installed.

-run names the server, and -app the framework of the application; without it, the application is the bare one. This
program opens the listening socket, so that any free port will do, and hands it over. Then it becomes the server, called
as its users call it. A server that takes no socket on its command line is called in the documented way; a server that
takes no socket at all gets an address that is kept for it. Logging of each request is off, as in all servers here.
"""

import asyncio
import os
import pwd
import runpy
import shutil
import signal
import socket
import string
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUNNABLE = HERE.parents[1]
sys.path.insert(0, str(RUNNABLE / "kit/python"))  # where job is
# Where app is, the bare application: last, so that it hides no module of a server.
sys.path.append(str(RUNNABLE / "asgi"))
import job

PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
KEEP = 75  # seconds that a connection is kept open between two requests: as long as our servers keep it


def gunicorn(listener, module, *more):
    become(sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "--keep-alive", str(KEEP),
           "--log-level", "warning", "--chdir", str(HERE), *more, module + ":application")  # fmt: skip


def uwsgi(listener, module, threads, speaks="--http11-socket", *more):
    """uWSGI of a distribution has Python as a plugin; that of pip has it built in, and --plugin changes nothing."""
    become("uwsgi", "--plugin", "python3", speaks, f"fd://{listener.fileno()}", "--master", "--die-on-term",
           "--need-app", "--single-interpreter", "--enable-threads", "--threads", threads, "--disable-logging",
           "--chdir", str(HERE), "--module", module, *more)  # fmt: skip


def nginx_uwsgi(address, module, threads):
    """nginx as uWSGI's daemon, which starts and ends with it. They talk over a port that is not announced."""
    behind = socket.create_server(("127.0.0.1", 0), backlog=128)
    behind.set_inheritable(True)
    folder = configured("nginx.conf", ADDR=name(address), BEHIND=name(behind))
    announce(address, folder)
    nginx = f"{installed('nginx')} -e stderr -p {folder} -c {folder}/nginx.conf"
    uwsgi(behind, module, threads, "--socket", "--attach-daemon2", f"cmd={nginx},stopsignal={signal.SIGQUIT:d}")


def apache(address, module, _):
    """Apache with mod_wsgi, which has a Python of its own: that of the distribution, whichever runs this program.

    When Apache ends, it signals its whole process group. So it needs a group of its own.
    """
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    values = {"ADDR": name(address), "MODULES": "/usr/lib/apache2/modules", "HERE": HERE, "APP": module, "KEEP": KEEP}
    folder = configured("apache.conf", **values, USER=user.pw_name, GROUP=user.pw_gid)
    announce(address, folder)
    become("apache2", "-f", folder + "/apache.conf", "-D", "FOREGROUND")


def configured(file, **values):
    """Write a configuration with its values into a new folder, where the server may keep its pid as well."""
    folder = tempfile.mkdtemp(prefix="era-contestant-")
    with open(HERE / file) as pattern, open(Path(folder, file), "w") as config:
        config.write(string.Template(pattern.read()).safe_substitute(values, DIR=folder))
    return folder


def daphne(listener, module, _):
    folders = [str(HERE), str(RUNNABLE / "asgi"), os.environ.get("PYTHONPATH")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, folders))
    become(sys.executable, "-m", "daphne", "--fd", str(listener.fileno()), "--verbosity", "0", module + ":application")


def uvicorn(listener, module, _):
    """Use uvloop and httptools if they are installed. --fd treats any socket as a Unix one, without TCP_NODELAY."""
    from uvicorn import Config, Server

    config = Config(module + ":application", access_log=False, log_level="warning", timeout_keep_alive=KEEP)
    Server(config).run(sockets=[listener])


def hypercorn(listener, module, _):
    """Called as a function, it is one process in all its versions."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config.from_mapping(bind=f"fd://{listener.detach()}", keep_alive_timeout=KEEP, loglevel="ERROR")
    asyncio.run(serve(import_module(module).application, config))


def aiohttp(listener, module, _):
    from aiohttp.web import run_app

    run_app(import_module(module).application, sock=listener, access_log=None, print=None, keepalive_timeout=KEEP)


def become(*argv):
    """Turn this process into another program, which keeps the listener."""
    os.execv(installed(argv[0]), argv)


def installed(program):
    """Return where a program is: on PATH, or where distributions put servers."""
    return shutil.which(program, path=PATH) or sys.exit(program + " is not installed")


def node(addr, program):
    """It listens by itself: a trace follows the sockets that a program opens, and would miss an inherited one."""
    become("node", str(HERE / program), "%s:%d" % addr, os.environ["BACKEND"])


def wsgiref(addr, module):
    """The program of the folder wsgi, with another application."""
    program = runpy.run_path(str(RUNNABLE / "wsgi/server.py"))
    server = program["Server"](addr, program["Handler"])
    server.set_app(import_module(module).application)
    print("listening on %s:%d" % server.server_address, flush=True)
    server.serve_forever()


def book(addr, module):
    """The program of the folder asgi, with another application."""
    server = runpy.run_path(str(RUNNABLE / "asgi/server.py"))["Server"]
    server(import_module(module).application).run(addr)


def gthread(listener, module, threads):
    gunicorn(listener, module, "--worker-class", "gthread", "--threads", threads)


def sync(listener, module, _):
    gunicorn(listener, module, "--worker-class", "sync", "--workers", "4")


# The servers, each with the bare application that suits it.
SERVERS = {
    "gunicorn": ("wsgi_app", gthread),
    "gunicorn-sync": ("wsgi_app", sync),
    "uwsgi": ("wsgi_app", uwsgi),
    "daphne": ("app", daphne),
    "uvicorn": ("app", uvicorn),
    "hypercorn": ("app", hypercorn),
    "aiohttp": ("aiohttp_app", aiohttp),
}
CONFIGURED = {"apache": ("wsgi_app", apache), "nginx-uwsgi": ("wsgi_app", nginx_uwsgi)}  # they open their own listeners
LISTENING = {"node": ("node.mjs", node), "wsgiref": ("wsgi_app", wsgiref), "asgi": ("app", book)}  # by themselves
FRAMEWORKS = ["bottle", "flask", "django", "starlette", "fastapi", "quart"]


def main():
    servers = SERVERS | CONFIGURED | LISTENING
    addr, backend, run, framework, threads = job.flags(run=servers, app=FRAMEWORKS, threads=("4", "64"))
    os.environ["BACKEND"] = "%s:%d" % backend  # where the applications look for it
    bare, serve = servers[run or "gunicorn"]
    module = framework + "_app" if framework else bare
    if run in LISTENING:
        return serve(addr, module)
    try:
        listener = reserve(addr) if run in CONFIGURED else socket.create_server(addr, backlog=128)
    except OSError as error:
        sys.exit("listen on %s:%d: %s" % (*addr, error))
    if run not in CONFIGURED:
        listener.set_inheritable(True)
        announce(listener)
    serve(listener, module, threads or "4")


def reserve(addr):
    """Return a socket that is bound to the address and does not listen.

    On Linux, the server can then bind it too and listen, and no other program gets the port. Elsewhere the socket is
    closed when this process becomes the server, which gets the port if it is quick.
    """
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(addr)
    taken.set_inheritable(sys.platform == "linux")
    return taken


def name(listener):
    return "%s:%d" % listener.getsockname()


def announce(listener, folder=None):
    """Print where it listens when a first request has been answered: the kernel accepts clients long before that.

    A grandchild asks, so that the server's process has no child to wait for. The folder with the configuration is
    removed then, since it has been read: so nothing is left, however the server ends.
    """
    server = os.getpid()
    if child := os.fork():
        os.waitpid(child, 0)
        return
    if os.fork() == 0:
        addr = listener.getsockname()
        listener.close()  # only the server may hold it: when it ends, connections to it fail
        try:
            with connect(addr, server) as conn:
                conn.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                status = conn.makefile("rb").readline()
            if b" 200 " in status:
                print("listening on %s:%d" % addr, flush=True)
            elif status:
                job.log(f"unexpected first reply {status!r}")
                os.kill(server, signal.SIGTERM)
        except OSError:
            pass  # the server did not start, and has logged why
        if folder:
            shutil.rmtree(folder)
    os._exit(0)


def connect(addr, server):
    """Connect to a server that may not listen yet, as long as its process exists."""
    while True:
        try:
            return socket.create_connection(addr)
        except ConnectionRefusedError:
            os.kill(server, 0)
            time.sleep(0.01)


if __name__ == "__main__":
    main()
