"""Tests of the middlewares without a server (PEP 3333)."""

import contextlib
import io
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where server is
import importlib.util

spec = importlib.util.spec_from_file_location("rows", Path(sys.path[0], "server.py"))  # wsgi has a server as well
rows = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rows)


class Body:
    """A row, and then the database hangs up."""

    made = closed = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.made += 1
        if self.made == 1:
            return b"row"
        raise OSError("the database has hung up")

    def close(self):
        self.closed += 1


class Middlewares(unittest.TestCase):
    def of(self, middleware):
        body = Body()
        return body, middleware(lambda environ, start_response: body)({"PATH_INFO": "/rows"}, None)

    def test_a_row_at_a_time(self):
        for middleware in rows.closing, rows.half_for_whole, rows.whole_or_nothing:
            body, passed = self.of(middleware)
            self.assertEqual((next(iter(passed)).lower(), body.made, body.closed), (b"row", 1, 0), middleware)
            passed.close()  # the client has left
            self.assertEqual((body.made, body.closed), (1, 1), middleware)

    def test_half_for_whole(self):
        body, passed = self.of(rows.half_for_whole)
        with contextlib.redirect_stderr(io.StringIO()) as log:
            self.assertEqual(list(passed), [b"row"])
        self.assertEqual((body.closed, log.getvalue()), (1, "/rows: the database has hung up\n"))

    def test_whole_or_nothing(self):
        body, passed = self.of(rows.whole_or_nothing)
        with contextlib.redirect_stderr(io.StringIO()) as log, self.assertRaises(OSError):
            list(passed)
        self.assertEqual((body.closed, log.getvalue()), (1, "/rows: the database has hung up\n"))


if __name__ == "__main__":
    unittest.main()
