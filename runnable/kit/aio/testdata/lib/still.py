"""An event loop without real time: instead of waiting, its clock moves, by whole seconds. And run, which prints what
ends a program."""
import asyncio
import math
import selectors


class Selector(selectors.DefaultSelector):
    now = 0.0

    def select(self, timeout=None):
        if timeout is not None and timeout > 0:
            self.now = math.ceil(round(self.now + timeout, 6))
            timeout = 0
        return super().select(timeout)


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.still = Selector()
        super().__init__(self.still)

    def time(self):
        return self.still.now


def now():
    return round(asyncio.get_running_loop().time())


def run(main):
    try:
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(main())
    except BaseException as e:
        print("run:", name(e))


def name(e):
    if isinstance(e, BaseExceptionGroup):
        return " and ".join(name(inner) for inner in e.exceptions)
    return {"CancelledError": "Cancelled", "TimeoutError": "TimedOut"}.get(type(e).__name__, type(e).__name__)
