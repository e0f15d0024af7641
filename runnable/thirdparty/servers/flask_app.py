"""The little application in Flask: a function for each path, which returns the reply."""

import time

import little
from flask import Flask, Response, request
from server import job, number

application = Flask(__name__)


@application.get("/")
def hello():
    return text("hello\n")


@application.get("/ask")
def ask():
    try:
        return text(job.ask(little.backend, request.query_string + b"\n"))  # the thread waits
    except OSError:
        return text("Bad Gateway\n", 502)


@application.get("/stream")
def stream():
    query = request.query_string.decode("latin-1")
    n, ms = number(query, "n", 10, 1000), number(query, "ms", 100, 10_000)

    def lines():
        for i in range(n):
            if i > 0:
                time.sleep(ms / 1000)
            yield f"line {i + 1} of {n}\n"

    return text(lines())


@application.post("/upload")
def upload():
    body = little.Upload()
    while piece := request.stream.read(64 << 10):
        body.add(piece)
    return text(body.line())


@application.errorhandler(404)
def nowhere(error):
    return text("Not Found\n", 404)


def text(body, status=200):
    return Response(body, status, content_type="text/plain")
