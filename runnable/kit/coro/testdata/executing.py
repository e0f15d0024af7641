# A generator that runs cannot be resumed.
def body():
    for resume in (g.send, g.throw):
        try:
            resume(None) if resume == g.send else resume(KeyError())
        except ValueError:
            print("ValueError")
    try:
        g.close()
    except ValueError:
        print("ValueError")
    yield 1

g = body()
print("out", next(g))
g.close()
