# C3.7: yield from forwards send, throw and close to the inner generator.
def inner():
    try:
        while True:
            try:
                got = yield "in"
                print("inner got", got)
            except KeyError:
                print("inner caught KeyError")
    except GeneratorExit:
        print("inner GeneratorExit")
        raise
    finally:
        print("inner finally")

def outer():
    try:
        yield from inner()
    except ValueError:
        print("outer caught ValueError")
        yield "after"
    finally:
        print("outer finally")

g = outer()
print("out", next(g))
print("out", g.send(1))
print("out", g.throw(KeyError()))
print("out", g.throw(ValueError()))
g.close()

g = outer()
next(g)
g.close()
