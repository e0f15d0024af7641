# C4.10 to C4.15: groups, timeouts, gathers, shields and cleanups nested by chance, and cancelled from outside at any time.
# Each line is one such program: what happened in it, and when. Only its seed is committed; the dice are the same in Go.
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

class Started(dict):
    """A group's tasks in the order in which they were started, where CPython has a set, whose order is not defined."""
    add = dict.setdefault

    def discard(self, task):
        self.pop(task, None)

class Program:
    def __init__(self, dice):
        self.dice, self.began, self.events, self.aside, self.timers = dice, now(), [], [], 0

    def say(self, *words):
        self.events.append(" ".join(map(str, (*words, "at", now() - self.began))))

    def seconds(self, n):
        """n seconds from now. Timers that end in the same second end in one turn, in the order in which they were set."""
        self.timers += 1
        return n - 0.001 + self.timers * 0.000001 if n else 0

    def make(self, depth):
        """A tree of what to do: its kind, a number, and what is within it."""
        kind = self.dice.below(11 if depth else 4)
        number = self.dice.below(4)
        kids = (0, 0, 0, 0, 2, 1 + number, 1, 1, 2, 2, 1)[kind]
        return kind, number, [self.make(depth - 1) for _ in range(kids)]

    def start(self, kid):
        task = asyncio.create_task(self.do(kid))
        self.aside.append(task)
        return task

    async def do(self, node):
        me = asyncio.current_task()
        kind, number, kids = node
        if kind <= 2:
            await asyncio.sleep(self.seconds(number))
        elif kind == 3:
            raise KeyError
        elif kind == 4:
            for kid in kids:
                await self.do(kid)
        elif kind == 5:
            async with asyncio.TaskGroup() as g:
                g._tasks = Started()
                for kid in kids[1:]:
                    g.create_task(self.do(kid))
                await self.do(kids[0])
        elif kind == 6:
            async with asyncio.timeout(self.seconds(number)):
                await self.do(kids[0])
        elif kind == 7:
            try:
                await self.do(kids[0])
            except Exception as e:
                self.say(name(e), me.cancelling())
        elif kind == 8:
            try:
                await self.do(kids[0])
            except asyncio.CancelledError:
                self.say("deaf", me.cancelling())
                if number:
                    me.uncancel()
            await self.do(kids[1])
        elif kind == 9:
            if number < 2:
                await asyncio.gather(*[self.start(kid) for kid in kids])
            else:
                try:
                    await self.do(kids[0])
                finally:
                    await self.do(kids[1])
        elif kind == 10:
            await asyncio.shield(self.start(kids[0]))

async def outcome(task):
    try:
        await task
        return "ends"
    except BaseException as e:
        return name(e)

async def main():
    for seed in range(1, 2001):
        dice = Dice(seed)
        p = Program(dice)
        tree = p.make(4)
        task = asyncio.create_task(p.do(tree))
        for _ in range(dice.below(3)):
            await asyncio.sleep(p.seconds(dice.below(3)))
            task.cancel()
        p.say(await outcome(task), task.cancelling())
        for task in p.aside:
            await outcome(task)
        print(seed, ", ".join(p.events))

run(main)
