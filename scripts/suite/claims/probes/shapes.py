"""The small classes that the claims speak of, as plain as they can be written."""


class SlotPair:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class SlotTriple:
    """A vector of two numbers and the mark that a pool puts on it."""

    __slots__ = ("x", "y", "taken")

    def __init__(self, x, y):
        self.x = x
        self.y = y
        self.taken = False


class DictPair:
    def __init__(self, x, y):
        self.x = x
        self.y = y


class SlotLog:
    __slots__ = ("time", "level", "source", "message", "user")

    def __init__(self, time, level, source, message, user):
        self.time = time
        self.level = level
        self.source = source
        self.message = message
        self.user = user


class DictLog:
    def __init__(self, time, level, source, message, user):
        self.time = time
        self.level = level
        self.source = source
        self.message = message
        self.user = user


class Extended(SlotPair):
    """A subclass that forgot its slots."""


class Node:
    pass


class SlotNode:
    __slots__ = ("other",)


class ScanPool:
    """The articles' pool: free objects in a stack, those handed out in a list that each release searches twice."""

    def __init__(self, size):
        self.size = size
        self.free = [SlotTriple(0.0, 0.0) for _ in range(size)]
        self.out = []

    def acquire(self, x, y):
        if not self.free:
            raise RuntimeError("all %d are in use" % self.size)
        thing = self.free.pop()
        thing.x = x
        thing.y = y
        thing.taken = True
        self.out.append(thing)
        return thing

    def release(self, thing):
        if thing not in self.out:
            raise ValueError("not an object of this pool")
        self.out.remove(thing)
        thing.taken = False
        self.free.append(thing)


class FlagPool(ScanPool):
    """The same without the search: the object's own mark says whether it is out."""

    def acquire(self, x, y):
        thing = self.free.pop()
        thing.x = x
        thing.y = y
        thing.taken = True
        return thing

    def release(self, thing):
        if not thing.taken:
            raise ValueError("not taken")
        thing.taken = False
        self.free.append(thing)
