"""The pages once more: made again in a folder of their own, and compared byte by byte."""

import tempfile
from pathlib import Path
from typing import Any

from suite import report
from suite.errors import UserError
from suite.folder import CHARTS
from suite.runs import plain

AROUND = 24


def there(folder: Path) -> list[str]:
    """The pages that stand beside the results."""
    return [name for name in report.PAGES if (folder / name).exists()]


def differences(measured: dict[str, Any], folder: Path) -> list[str]:
    """One line for each page or chart that is not what the results make; the pages first. A folder without any PNG is a
    committed run: those copies are not kept."""
    with tempfile.TemporaryDirectory(prefix="poolmark-verify-") as name:
        fresh = Path(name)
        try:
            report.build(measured, fresh, folder, png=any((folder / CHARTS).glob("*.png")))
        except (ArithmeticError, LookupError, ValueError, RecursionError) as failure:
            raise UserError(f"the results cannot be drawn ({type(failure).__name__}); restore the file") from failure
        files = there(folder) + [f"{CHARTS}/{chart}" for chart in sorted(
            {path.name for base in (fresh, folder) if (base / CHARTS).is_dir() for path in (base / CHARTS).iterdir()})]
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
