# Two frames, resumed in turn: each keeps its own place.
def walk(name, n):
    for i in range(n):
        print(name, i)
        yield

queue = [walk("a", 3), walk("b", 1), walk("c", 2)]
while queue:
    g = queue.pop(0)
    try:
        next(g)
        queue.append(g)
    except StopIteration:
        print("one ends")
