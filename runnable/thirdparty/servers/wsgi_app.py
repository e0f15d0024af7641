"""The WSGI application by a name that Gunicorn and uWSGI can import: the one that wsgiref serves, unchanged."""

import little
import server  # of the folder wsgi

application = server.application(little.backend)
