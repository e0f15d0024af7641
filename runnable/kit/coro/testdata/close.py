# C3.3, C3.5: close raises GeneratorExit at the yield, and finally clauses run.
def polite():
    try:
        yield 1
    except GeneratorExit:
        print("polite: GeneratorExit")
        raise
    finally:
        print("polite: finally")

def quiet():
    try:
        yield 1
    except GeneratorExit:
        print("quiet: return")
        return

def stubborn():
    try:
        yield 1
    except GeneratorExit:
        print("stubborn: GeneratorExit")
        yield 2
    print("stubborn: not reached")

def failing():
    try:
        yield 1
    finally:
        raise KeyError

def report(g):
    try:
        g.close()
        print("closed")
    except BaseException as e:
        print(type(e).__name__)

for function in (polite, quiet, stubborn, failing):
    g = function()
    print("out", next(g))
    report(g)
    report(g)

report(polite())
g = polite()
g.close()
try:
    next(g)
except StopIteration:
    print("StopIteration after close")
