# C3.6: what a generator returns is the value of StopIteration, and of yield from.
def inner(n):
    total = 0
    for i in range(n):
        total += yield i
    return total

def outer():
    a = yield from inner(2)
    print("a", a)
    b = yield from inner(0)
    print("b", b)
    return a + b

g = outer()
print("out", next(g))
print("out", g.send(10))
try:
    g.send(20)
except StopIteration as stop:
    print("StopIteration", stop.value)
