# C3.2: throw raises at the yield, or at the top of a generator that has not started; a finished one just raises.
def body():
    print("started")
    try:
        yield 1
    except KeyError:
        print("caught KeyError")
    got = yield 2
    print("got", got)
    try:
        yield 3
    finally:
        print("finally")

g = body()
print("out", next(g))
print("out", g.throw(KeyError()))
print("out", g.send("x"))
try:
    g.throw(ValueError())
except ValueError:
    print("ValueError")
try:
    g.throw(KeyError())
except KeyError:
    print("KeyError from the finished")
try:
    next(g)
except StopIteration as stop:
    print("StopIteration", stop.value)

g = body()
try:
    g.throw(KeyError())
except KeyError:
    print("KeyError, not started")
try:
    next(g)
except StopIteration as stop:
    print("StopIteration", stop.value)
