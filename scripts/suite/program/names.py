"""Names of call sites, found offline: addresses to modules by the recording's maps, then to functions by addr2line."""

import re
import shutil
import subprocess
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MAP = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) \S+ \d+\s+(/.*)$", re.MULTILINE)
WRAPPERS = re.compile(r"malloc|calloc|realloc|operator new|_M_create_node|_M_get_node|allocat|_alloc|alloc_|new_allocator|make_unique|make_shared|__shared_count|__shared_ptr|xmalloc|_Znwm|"
                      r"strdup|memdup|PyMem_|PyObject_Malloc|_PyObject_GC_New|PyObject_New", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """An address as a module and an offset in it: what stays the same from run to run."""

    module: str
    offset: int
    function: str = ""
    line: str = ""
    inlined_in: "Place | None" = None  # the function that this one was put into, at the same address

    @property
    def where(self) -> str:
        return self.function or f"{Path(self.module).name}+{self.offset:#x}"

    def levels(self) -> Iterator["Place"]:
        """From the innermost function at this address to the one that the linker knows."""
        level: Place | None = self
        while level is not None:
            yield level
            level = level.inlined_in

    def text(self) -> str:
        """Function, file and line as far as there is debug information; the library always."""
        return f"{self.where} ({self.line})" if self.line else f"{self.where} in {Path(self.module).name}"


class Maps:
    """Which file an address belongs to."""

    def __init__(self, text: str) -> None:
        bases: dict[tuple[str, int], int] = {}
        spans = {}
        for low, high, offset, path in MAP.findall(text):
            begin = int(low, 16)
            if int(offset, 16) == 0:
                bases[path, begin] = begin
            spans[begin] = (int(high, 16), path)
        self.begins = sorted(spans)
        self.spans = spans
        self.bases = defaultdict(list)
        for path, base in sorted(bases):
            self.bases[path].append(base)

    def place(self, address: int) -> Place:
        """Module and offset; an address of no file is its own."""
        at = bisect_right(self.begins, address) - 1
        if at >= 0:
            begin = self.begins[at]
            end, path = self.spans[begin]
            if address < end:
                base = max((one for one in self.bases[path] if one <= address), default=begin)
                return Place(path, address - base if _moves(path) else address)
        return Place("?", address)


_KINDS: dict[str, bool] = {}


def _moves(path: str) -> bool:
    """Whether a file is loaded wherever there is room; one that is not has its addresses from the linker."""
    if path not in _KINDS:
        try:
            with open(path, "rb") as file:
                _KINDS[path] = file.read(18)[16:18] != b"\x02\x00"
        except OSError:
            _KINDS[path] = True
    return _KINDS[path]


def resolve(places: Iterable[Place]) -> dict[Place, Place]:
    """The same places with names, a batch for each module. A return address stands behind its call."""
    by_module = defaultdict(list)
    for place in dict.fromkeys(places):
        by_module[place.module].append(place)
    named: dict[Place, Place] = {}
    for module, found in by_module.items():
        for place, levels in zip(found, _ask(module, [place.offset - 1 for place in found])):
            outer = None
            for function, line in reversed(levels):
                outer = Place(place.module, place.offset, function, line, outer)
            named[place] = outer or place
    return named


def _ask(module: str, offsets: Sequence[int]) -> list[list[tuple[str, str]]]:
    """Function and line of each address, and of the functions that this one was inlined into."""
    nothing = [[("", "")]] * len(offsets)
    if not shutil.which("addr2line") or not Path(module).is_file():
        return nothing
    done = subprocess.run(["addr2line", "-a", "-i", "-C", "-f", "-e", module], input="\n".join(map(hex, offsets)), capture_output=True, text=True,
                          errors="replace", check=False)
    said = [part.splitlines()[1:] for part in re.split(r"^(?=0x[0-9a-f]+$)", done.stdout, flags=re.MULTILINE) if part]
    if len(said) != len(offsets):
        return nothing
    answers = [_levels(rows[::2], rows[1::2]) for rows in said]
    symbols = _dynamic(module) if any(not function for levels in answers for function, _ in levels) else []
    starts = [start for start, _, _ in symbols]
    return [[(function or _nearest(symbols, starts, offset), line) for function, line in levels] for levels, offset in zip(answers, offsets)]


def _levels(functions: Sequence[str], lines: Sequence[str]) -> list[tuple[str, str]]:
    """Innermost first. Where a function has no name for the linker, addr2line gives the innermost level the name of the outermost, which is left out then."""
    found = [("" if function == "??" else function, "" if line.startswith("??") or line.endswith("?") else "/".join(line.split(" (")[0].rsplit("/", 2)[-2:]))
             for function, line in zip(functions, lines)]
    if len(found) > 1 and re.search(rf"\b{re.escape(found[-1][0])}(\(|$)", found[0][0]):
        return [*found[1:-1], (found[0][0], found[-1][1])]
    return found


def _dynamic(module: str) -> list[tuple[int, int, str]]:
    """Exported functions of a stripped file: begin, length, name."""
    done = subprocess.run(["nm", "-D", "-C", "-S", "--defined-only", module], capture_output=True, text=True, errors="replace", check=False)
    rows = (line.split(None, 3) for line in done.stdout.splitlines())
    return sorted((int(row[0], 16), int(row[1], 16), row[3].split("@")[0]) for row in rows if len(row) == 4 and row[2] in "TtWwi")


def _nearest(symbols: Sequence[tuple[int, int, str]], starts: Sequence[int], offset: int) -> str:
    at = bisect_right(starts, offset) - 1
    return symbols[at][2] if at >= 0 and offset < symbols[at][0] + symbols[at][1] else ""


def is_wrapper(place: Place) -> bool:
    """A function that allocates for others: the site that a reader knows is above it."""
    return bool(WRAPPERS.search(place.function.split("(")[0]))
