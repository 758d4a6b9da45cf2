"""Where results and pages differ from what is made again.

Two values compared to the last digit, with the path to each place where they part. The pages once more: made again in a folder of their own, and compared byte by byte.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suite import report
from suite.base.errors import UserError
from suite.base.folder import CHARTS
from suite.report.content import ClaimsSection
from suite.results.runs import plain

NOTHING = object()
PATHS = ("library", "served_malloc_by")
DECIDING = ("adjusted", "confidence", "controls", "witness")  # without these a claim would look better than it is
OF_WITNESSES = ("citable", "regime", "margin", "shared", "quiet")  # the same, of runs that have witnesses
AROUND = 24


def count(value: Any) -> int:
    """How many numbers it holds."""
    if isinstance(value, (dict, list)):
        return sum(map(count, value.values() if isinstance(value, dict) else value))
    return int(isinstance(value, (int, float)) and not isinstance(value, bool))


def differences(stored: dict[str, Any], again: dict[str, Any]) -> list[str]:
    """One line a difference, in the order of the file. A key that no cell of the file has is no difference: the file was
    made before there was such a key. One that a claim rests on may not be missing: to take it away is to edit."""
    deciding = DECIDING + (OF_WITNESSES if "witness" in again else ())
    late = {shape for shape in _shapes(again) - _shapes(stored) if shape.rpartition("/")[2] not in deciding}
    return [f"{where}: results.json has {_shown(old)}, the rounds make {_shown(new)}"
            for where, old, new in _parts(stored, again, "", "", late)]


def _shapes(value: Any, where: str = "") -> set[str]:
    """The places that a file has, all entries of a list taken as one."""
    if isinstance(value, list):
        return {shape for entry in value for shape in _shapes(entry, f"{where}/*")}
    if isinstance(value, dict):
        return {shape for key, entry in value.items() for shape in (f"{where}/{key}", *_shapes(entry, f"{where}/{key}"))}
    return set()


def _shown(value: Any) -> str:
    return "nothing" if value is NOTHING else plain(value, 60)


def _parts(stored: Any, again: Any, where: str, shape: str, late: set[str]) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(stored, dict) and isinstance(again, dict):
        for key in [*stored, *(key for key in again if key not in stored and f"{shape}/{key}" not in late)]:
            yield from _parts(stored.get(key, NOTHING), again.get(key, NOTHING), f"{where}/{plain(key, 60)}".strip("/"),
                              f"{shape}/{key}", late)
    elif isinstance(stored, list) and isinstance(again, list):
        for number in range(max(len(stored), len(again))):
            pair = [values[number] if number < len(values) else NOTHING for values in (stored, again)]
            yield from _parts(*pair, f"{where}/{_name(pair, number)}", f"{shape}/*", late)
    elif not _equal(stored, again, where):
        yield where, stored, again


def _name(pair: list[Any], number: int) -> str:
    """A cell goes by its id, for an index tells a reader nothing."""
    entry = pair[0] if isinstance(pair[0], dict) else {}
    return plain(entry.get("id") or entry.get("name") or number, 120)


def _equal(stored: Any, again: Any, where: str) -> bool:
    if isinstance(stored, bool) is not isinstance(again, bool):
        return False
    if where.rpartition("/")[2] in PATHS and isinstance(stored, str) and isinstance(again, str):
        # Of a library that the suite builds, results hold the path inside the checkout, wherever that was.
        return stored == again or bool(stored) and again.endswith(f"/{stored}")
    return stored == again


def there(folder: Path) -> list[str]:
    """The pages that stand beside the results."""
    return [name for name in report.PAGES if (folder / name).exists()]


def page_differences(measured: dict[str, Any], folder: Path, claims: ClaimsSection | None = None) -> list[str]:
    """One line for each page or chart that is not what the results make; the pages first. A folder without any PNG is a
    committed run: it keeps no copies, and as files of their own only the charts that report.md shows."""
    with tempfile.TemporaryDirectory(prefix="poolmark-verify-") as name:
        fresh = Path(name)
        try:
            copies = any((folder / CHARTS).glob("*.png"))
            report.build(measured, fresh, claims, png=copies)
        except (ArithmeticError, LookupError, ValueError, RecursionError) as failure:
            raise UserError(f"the results cannot be drawn ({type(failure).__name__}); restore the file") from failure
        shown = (fresh / report.PAGES[0]).read_text(encoding="utf-8")
        files = there(folder) + sorted(
            {f"{CHARTS}/{path.name}" for base in (fresh, folder) if (base / CHARTS).is_dir() for path in (base / CHARTS).iterdir()})
        if not copies:
            files = [file for file in files if (folder / file).exists() or f"]({file})" in shown]
        return [line for file in files if (line := _difference(file, folder / file, fresh / file))]


def _difference(name: str, old: Path, new: Path) -> str:
    if not new.exists():
        return f"{plain(name)} is no chart of these results"
    if not old.is_file():
        return f"{name} is missing; make it again with scripts/poolmark report"
    before, after = old.read_bytes(), new.read_bytes()
    if before == after:
        return ""
    place = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), min(len(before), len(after)))
    if name.endswith(".png"):
        return f"{name} is not what the results make"
    return (f"{name} line {before[:place].count(10) + 1} has '{_excerpt(before, place)}', "
            f"the results make '{_excerpt(after, place)}'")


def _excerpt(text: bytes, place: int) -> str:
    line = text.rfind(b"\n", 0, place) + 1
    found = text[max(line, place - AROUND):place + AROUND].decode("utf-8", "replace").split("\n")[0]
    return plain(found, 3 * AROUND)
