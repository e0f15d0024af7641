# C3.9: the trampoline of PEP 342, example 3, on today's Python: it resumes a caller's frame by itself.
import collections
import types

class Trampoline:
    def __init__(self):
        self.queue = collections.deque()

    def add(self, coroutine):
        self.schedule(coroutine)

    def run(self):
        while self.queue:
            self.queue.popleft()()

    def schedule(self, coroutine, stack=(), value=None, error=None):
        def resume():
            try:
                if error is not None:
                    value_out = coroutine.throw(error)
                else:
                    value_out = coroutine.send(value)
            except StopIteration as stop:
                if stack:
                    self.schedule(stack[0], stack[1], stop.value)
                return
            except Exception as e:
                if not stack:
                    raise
                self.schedule(stack[0], stack[1], error=e)
                return
            if isinstance(value_out, types.GeneratorType):
                self.schedule(value_out, (coroutine, stack))
            else:
                self.schedule(coroutine, stack)
        self.queue.append(resume)

def read(name, n):
    for i in range(n):
        print(name, "waits", i)
        yield
    return n * 10

def fail(name):
    yield
    print(name, "fails")
    raise KeyError

def handler(name, n):
    print(name, "begins")
    line = yield read(name, n)
    print(name, "read", line)
    try:
        yield fail(name)
    except KeyError:
        print(name, "caught KeyError")
    print(name, "ends")

def careless():
    yield fail("careless")

t = Trampoline()
t.add(handler("a", 2))
t.add(handler("b", 1))
t.add(handler("c", 0))
t.run()
t.add(careless())
try:
    t.run()
except KeyError:
    print("KeyError from run")
