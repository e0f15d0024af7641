# C3.1: send(None) is next(); a value cannot be sent to a generator that has just started.
def counter(start):
    n = start
    while n < start + 6:
        got = yield n
        print("got", got)
        n = n + 1 if got is None else got

c = counter(1)
try:
    c.send(5)
except TypeError:
    print("TypeError")
print("out", c.send(None))
print("out", next(c))
print("out", c.send(4))
print("out", c.send(6))
try:
    c.send(9)
except StopIteration as stop:
    print("StopIteration", stop.value)
try:
    c.send(9)
except StopIteration as stop:
    print("StopIteration", stop.value)
