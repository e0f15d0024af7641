"""The little application in Django, in one file: settings, views, and the paths that lead to them."""

import logging
import time

import little
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
from server import job, number

logging.getLogger("django").addHandler(logging.NullHandler())  # else it logs every 404 on standard error
COMMON = "django.middleware.common.CommonMiddleware"  # in every new Django project: it adds Content-Length
settings.configure(LOGGING_CONFIG=None, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[COMMON])


def hello(request):
    return HttpResponse("hello\n", content_type="text/plain")


def ask(request):
    try:
        line = job.ask(little.backend, request.META["QUERY_STRING"].encode("latin-1") + b"\n")  # the thread waits
    except OSError:
        return HttpResponse("Bad Gateway\n", status=502, content_type="text/plain")
    return HttpResponse(line, content_type="text/plain")


def stream(request):
    query = request.META["QUERY_STRING"]
    n, ms = number(query, "n", 10, 1000), number(query, "ms", 100, 10_000)

    def lines():
        for i in range(n):
            if i > 0:
                time.sleep(ms / 1000)
            yield f"line {i + 1} of {n}\n"

    return StreamingHttpResponse(lines(), content_type="text/plain")


def upload(request):
    body = little.Upload()
    while piece := request.read(64 << 10):
        body.add(piece)
    return HttpResponse(body.line(), content_type="text/plain")


def handler404(request, exception):
    return HttpResponse("Not Found\n", status=404, content_type="text/plain")


urlpatterns = [path("", hello), path("ask", ask), path("stream", stream), path("upload", upload)]
application = get_wsgi_application()
