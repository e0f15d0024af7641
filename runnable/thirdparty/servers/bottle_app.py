"""The little application in Bottle: a function for each path, as in Flask, from a framework that is one file."""

import time

import little
from bottle import Bottle, request, response
from server import job, number

application = Bottle()


@application.hook("before_request")
def text():
    response.content_type = "text/plain"


@application.get("/")
def hello():
    return "hello\n"


@application.get("/ask")
def ask():
    try:
        return job.ask(little.backend, request.query_string.encode("latin-1") + b"\n")  # the thread waits
    except OSError:
        response.status = 502
        return "Bad Gateway\n"


@application.get("/stream")
def stream():
    query = request.query_string
    n, ms = number(query, "n", 10, 1000), number(query, "ms", 100, 10_000)
    for i in range(n):  # a view that yields is a stream
        if i > 0:
            time.sleep(ms / 1000)
        yield f"line {i + 1} of {n}\n"


@application.post("/upload")
def upload():
    body, whole = little.Upload(), request.body  # Bottle has read all of it already, into a file if it is long
    while piece := whole.read(64 << 10):
        body.add(piece)
    return body.line()


@application.error(404)
def nowhere(error):
    response.content_type = "text/plain"
    return "Not Found\n"
