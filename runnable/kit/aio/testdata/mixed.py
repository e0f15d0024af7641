# C4.10 to C4.15: groups, timeouts, gathers, shields, cleanups, semaphores and queues in each other at random, cancelled
# from outside at any time. Each line is one such program: what happened in it, and when. The random numbers are the
# same in Go.
import asyncio
import sys

sys.path.insert(0, "testdata/lib")
from still import name, now, run

class Dice:
    def __init__(self, seed):
        self.x = seed

    def below(self, n):
        self.x = (self.x * 1103515245 + 12345) % 2**31
        return (self.x >> 16) % n

    def one_of(self, words):
        words = words.split()
        return words[self.below(len(words))]

class Started(dict):
    """A group's tasks in the order in which they were started, where CPython has a set, whose order is not defined."""
    add = dict.setdefault

    def discard(self, task):
        self.pop(task, None)

class Program:
    def __init__(self, dice):
        self.dice, self.began, self.events, self.aside, self.timers = dice, now(), [], [], 0
        self.places, self.queue = asyncio.Semaphore(2), asyncio.Queue(1)

    def say(self, *words):
        self.events.append(" ".join(map(str, (*words, "at", now() - self.began))))

    def seconds(self, n):
        """n seconds from now. Timers of the same second end in one turn, in the order in which they were set."""
        self.timers += 1
        return n - 0.001 + self.timers * 0.000001 if n else 0

    def make(self, depth):
        """An operation: its kind, a number, and the operations within it."""
        kind = self.dice.one_of("sleep fail put get" if depth == 0 else
                                "sleep group group group both gather timeout handle deaf finally shield place place put get")
        number = self.dice.below(4)
        kids = {"sleep": 0, "fail": 0, "put": 0, "get": 0, "group": 3 + number, "both": 2, "gather": 2,
                "deaf": 2, "finally": 2}
        return kind, number, [self.make(depth - 1) for _ in range(kids.get(kind, 1))]

    def start(self, kid):
        self.aside.append(asyncio.create_task(self.do(kid)))
        return self.aside[-1]

    async def do(self, node):
        me = asyncio.current_task()
        kind, number, kids = node
        if kind == "sleep":
            await asyncio.sleep(self.seconds(number))
        elif kind == "fail":
            raise KeyError
        elif kind == "both":
            await self.do(kids[0])
            await self.do(kids[1])
        elif kind == "group":
            async with asyncio.TaskGroup() as g:
                g._tasks = Started()
                for kid in kids[1:]:
                    g.create_task(self.do(kid))
                await self.do(kids[0])
        elif kind == "gather":
            await asyncio.gather(*[self.start(kid) for kid in kids])
        elif kind == "timeout":
            async with asyncio.timeout(self.seconds(number)):
                await self.do(kids[0])
        elif kind == "handle":
            try:
                await self.do(kids[0])
            except Exception as e:
                self.say(name(e), me.cancelling())
        elif kind == "deaf":
            try:
                await self.do(kids[0])
            except asyncio.CancelledError:
                self.say("deaf", me.cancelling())
                if number:
                    me.uncancel()
            await self.do(kids[1])
        elif kind == "finally":
            try:
                await self.do(kids[0])
            finally:
                await self.do(kids[1])
        elif kind == "shield":
            await asyncio.shield(self.start(kids[0]))
        elif kind == "place":
            async with asyncio.timeout(self.seconds(3)):
                await self.places.acquire()
            try:
                await self.do(kids[0])
            finally:
                self.places.release()
        elif kind == "put":
            async with asyncio.timeout(self.seconds(3)):
                await self.queue.put(number)
        elif kind == "get":
            async with asyncio.timeout(self.seconds(3)):
                self.say("got", await self.queue.get())

async def outcome(task):
    try:
        await task
        return "ends"
    except BaseException as e:
        return name(e)

async def main():
    for seed in range(1, 1001):
        dice = Dice(seed)
        p = Program(dice)
        tree = p.make(3)
        task = asyncio.create_task(p.do(tree))
        for _ in range(dice.below(3)):
            await asyncio.sleep(p.seconds(dice.below(3)))
            task.cancel()
        p.say(await outcome(task), task.cancelling())
        for task in p.aside:
            await outcome(task)
        print(seed, ", ".join(p.events))

run(main)
