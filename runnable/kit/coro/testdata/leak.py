# C3.8: a StopIteration that leaves a generator's body becomes a RuntimeError (PEP 479).
def body():
    yield 1
    raise StopIteration(5)

def empty():
    return
    yield

def next_of_empty():
    yield 1
    next(empty())

for function in (body, next_of_empty):
    g = function()
    print("out", next(g))
    try:
        next(g)
    except RuntimeError:
        print("RuntimeError")
    try:
        next(g)
    except StopIteration as stop:
        print("StopIteration", stop.value)
