# C3.7: what the inner generator does at close decides what the outer one sees.
def inner(what):
    try:
        yield 1
    except GeneratorExit:
        print("inner", what)
        if what == "yields":
            yield 2
        if what == "fails":
            raise KeyError

def outer(what):
    try:
        yield from inner(what)
    except BaseException as e:
        print("outer", type(e).__name__)
        raise

for what in ("returns", "yields", "fails"):
    g = outer(what)
    next(g)
    try:
        g.close()
        print("closed")
    except BaseException as e:
        print(type(e).__name__)
