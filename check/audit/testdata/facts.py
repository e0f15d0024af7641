"""What the chapters say of CPython and its library, asked of the Python that runs this. Each test names its chapter."""

import asyncio
import os
import select
import selectors
import socket
import sys
import threading
import time
import unittest


class Select(unittest.TestCase):
    def test_the_question_is_left_as_it_was(self):
        a, b = socket.socketpair()
        with a, b:
            question = [a, b]
            self.assertEqual(select.select(question, [], [], 0), ([], [], []))
            self.assertEqual(question, [a, b])

    def test_a_closed_socket_has_no_number(self):
        a, b = socket.socketpair()
        with b:
            a.close()
            self.assertEqual(a.fileno(), -1)
            with self.assertRaisesRegex(ValueError, "negative integer"):
                select.select([a], [], [], 0)

    def test_1024_is_out_of_range(self):
        with self.assertRaisesRegex(ValueError, "out of range in select"):
            select.select([1024], [], [], 0)


@unittest.skipUnless(hasattr(select, "epoll"), "epoll is Linux's")
class Epoll(unittest.TestCase):
    def test_at_most_as_many_events_as_are_registered(self):
        asked = []

        class Asked:
            def poll(self, timeout, at_most):
                asked.append(at_most)
                return []

        pairs = [socket.socketpair() for _ in range(3)]
        with selectors.EpollSelector() as selector:
            real = selector._selector
            selector._selector = Asked()
            selector.select(0)
            selector._selector = real
            for a, _ in pairs:
                selector.register(a, selectors.EVENT_READ)
            selector._selector = Asked()
            selector.select(0)
            selector._selector = real
        for pair in pairs:
            for each in pair:
                each.close()
        self.assertEqual(asked, [1, 3])

    @unittest.skipIf(sys.version_info < (3, 9), "silent before Python 3.9")
    def test_unregister_after_close(self):
        r, w = os.pipe()
        with select.epoll() as epoll:
            epoll.register(r)
            os.close(r)
            with self.assertRaises(OSError):
                epoll.unregister(r)
        os.close(w)

    def test_selectors_swallow_it(self):
        r, w = os.pipe()
        with selectors.EpollSelector() as selector:
            selector.register(r, selectors.EVENT_READ)
            os.close(r)
            selector.unregister(r)
        os.close(w)


class Callbacks(unittest.TestCase):
    def left(self, timers, cancelled):
        """How many timers the loop still has, one turn after some were cancelled. They are numbered by their time."""

        async def main():
            loop = asyncio.get_running_loop()
            handles = [loop.call_later(3600 + i, print) for i in range(timers)]
            for i in cancelled:
                handles[i].cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return len(loop._scheduled)

        return asyncio.run(main())

    def test_cancelled_at_the_top(self):
        self.assertEqual(self.left(3, [0]), 2)

    def test_cancelled_further_down(self):
        self.assertEqual(self.left(3, [1, 2]), 3)
        self.assertEqual(self.left(100, range(1, 100)), 100)
        self.assertEqual(self.left(101, range(1, 51)), 101)

    def test_more_than_half_of_more_than_100(self):
        self.assertEqual(self.left(101, range(1, 52)), 50)

    def test_who_interrupts_a_thread_that_computes(self):
        if not getattr(sys, "_is_gil_enabled", lambda: True)():
            self.skipTest("this Python has no GIL")
        turns, over = 0, False

        def other():
            nonlocal turns
            while not over:
                time.sleep(0.001)  # releases the GIL, and has to get it back
                turns += 1

        interval = sys.getswitchinterval()
        self.assertEqual(interval, 0.005)
        thread = threading.Thread(target=other)
        thread.start()
        try:
            deadline = time.monotonic() + 60
            while turns < 3 and time.monotonic() < deadline:
                pass  # it gets its turns, though this thread never waits
            self.assertGreaterEqual(turns, 3)

            large = 1 << 16_000_000
            before, begun = turns, time.monotonic()
            large * large  # one call into C that does not release the GIL
            after, took = turns, time.monotonic() - begun
            self.assertGreater(took, 0.01)
            self.assertLessEqual(after - before, 1)

            sys.setswitchinterval(3600)
            time.sleep(0.01)  # the other thread ends the wait that it began with the old interval
            before = turns
            for _ in range(3_000_000):
                pass
            self.assertLessEqual(turns - before, 1)
        finally:
            sys.setswitchinterval(interval)
            over = True
            thread.join()


if __name__ == "__main__":
    unittest.main()
