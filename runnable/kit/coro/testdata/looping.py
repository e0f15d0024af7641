# C3.7: a loop that yields what another generator yields is not delegation: values sent do not get in, nor do errors.
def inner():
    try:
        while True:
            got = yield "in"
            print("inner got", got)
    except KeyError:
        print("inner caught KeyError")
    finally:
        print("inner finally")

def outer(kept):
    for out in kept:
        got = yield out
        print("outer got", got)

kept = inner()
g = outer(kept)
print("out", next(g))
print("out", g.send(1))
try:
    g.throw(KeyError())
except KeyError:
    print("KeyError")
print("inner not told")
kept.close()
