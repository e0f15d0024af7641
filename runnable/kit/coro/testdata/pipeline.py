# C3.5, C3.9: consumers that are sent to, one feeding another, closed from the front (PEP 342, example 2 in spirit).
def consumer(function):
    def start(*args):
        g = function(*args)
        next(g)
        return g
    return start

@consumer
def pager(per_page, destination):
    page = []
    try:
        while True:
            page.append((yield))
            if len(page) == per_page:
                destination.send(" ".join(page))
                page = []
    except GeneratorExit:
        if page:
            destination.send(" ".join(page))
        destination.close()

@consumer
def printer():
    n = 0
    try:
        while True:
            text = yield
            n += 1
            print("page", n, text)
    finally:
        print("printer closed")

p = pager(2, printer())
for word in ("a", "b", "c", "d", "e"):
    p.send(word)
p.close()
