"""The applications on Python's reference server, with its own validator, one request at a time."""

from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

from apps import application


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


with make_server("127.0.0.1", 0, validator(application), handler_class=Quiet) as server:
    print("listening on 127.0.0.1:%d" % server.server_port, flush=True)
    server.serve_forever()
