"""results.json: held to its schema both when written and when read, and written whole or not at all.

What a schema cannot say is asked here as well: names that exist, ids that are one cell's alone, looks that spend no more error than
there is. A file that was edited or made up is refused before a number of it is shown as a fact."""

import gzip
import json
import reprlib
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from suite.base.build import ROOT
from suite.base.errors import UserError
from suite.base.folder import write_whole
from suite.base.streams import printable
from suite.measure.journal import RESULTS
from suite.plan.presets import CONFIDENCE

SCHEMA = ROOT / "reports/schema/results.schema.json"
VERSION = 1
MAX_CHARACTERS = 200_000_000  # a packed file that grows beyond is none of ours
LARGEST = 1e300  # what is larger is no measurement, and a whole number may be larger than any float
PLANS = ("looks", "long_looks")
ROUNDING = 1e-9  # 1 - 0.95 is not 0.05 in binary


def violation(results: Any) -> str:
    """The first place where a value departs from the schema; empty when it holds."""
    import jsonschema  # late, because it may have been installed a moment ago
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    error = next(jsonschema.Draft202012Validator(schema).iter_errors(_briefly(results)), None)
    if error is None:
        return ""
    where = "/".join(str(part) for part in error.absolute_path) or "the top"
    return f"at {where}: {error.message[:160]}"


def _briefly(results: Any) -> Any:
    """The same with fewer rows of samples, which are most of a file: over all cells one of each form, and those with the least and the
    most of each number. They hold no text but names, so what a schema says of forms and bounds holds for all when it holds for these."""
    if not isinstance(results, dict) or not isinstance(results.get("cells"), list):
        return results
    rows = [(number, row) for number, cell in enumerate(results["cells"]) if isinstance(cell, dict) and isinstance(
        cell.get("samples"), list) for row in cell["samples"]]
    places: set[int] = set()
    _mark([(place, row) for place, (_, row) in enumerate(rows)], places)
    kept: dict[int, list[Any]] = {}
    for place in sorted(places):
        kept.setdefault(rows[place][0], []).append(rows[place][1])
    return results | {"cells": [cell | {"samples": kept.get(number, [])} if isinstance(cell, dict) and isinstance(
        cell.get("samples"), list) else cell for number, cell in enumerate(results["cells"])]}


def _mark(found: list[tuple[int, Any]], places: set[int]) -> None:
    """Adds the rows that tell something of these parts of them."""
    forms: dict[Any, list[tuple[int, Any]]] = {}
    for place, part in found:
        whole = isinstance(part, float) and part.is_integer()  # an integer to a schema, which 1.5 between 1.0 and 2.0 is not
        forms.setdefault((type(part), whole, tuple(part) if isinstance(part, dict) else ()), []).append((place, part))
    for (kind, _, keys), members in forms.items():
        places.add(members[0][0])
        for key in keys:
            _mark([(place, part[key]) for place, part in members], places)
        if kind is list:
            _mark([(place, entry) for place, part in members for entry in part], places)
        elif kind in (int, float):
            places |= {end(members, key=lambda member: member[1])[0] for end in (min, max)}


def dump(results: dict[str, Any]) -> str:
    """Compact, but with one cell (or allocator, or A/A row) a line, so that two runs can be compared with diff."""
    def compact(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    parts = []
    for key, value in results.items():
        if isinstance(value, list) and value:
            lines = ",\n  ".join(map(compact, value))
            parts.append(f"{compact(key)}: [\n  {lines}\n ]")
        else:
            parts.append(f"{compact(key)}: {compact(value)}")
    return "{" + ",\n ".join(parts) + "}\n"


def write(results: dict[str, Any], out: Path) -> Path:
    """Validates and writes results.json into the folder; what does not hold to the schema is never written."""
    wrong = violation(results)
    if wrong:
        raise AssertionError(f"the driver made results that do not hold to its schema, {wrong}")
    path = out / RESULTS
    try:
        write_whole(path, dump(results))
    except OSError as failure:
        raise UserError(f"cannot write {path} ({failure.strerror}); what was measured is kept beside it, "
                        "continue with --resume") from None
    return path


def _unbounded(value: Any, where: str = "") -> str:
    """The place of the first number that is none; empty when all are. JSON has no such number, but Python reads them."""
    if isinstance(value, (int, float)) and not abs(value) <= LARGEST:  # NaN is not at most anything
        return f"at {where}: {reprlib.repr(value)} is no number"
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return next((found for key, part in parts if (found := _unbounded(part, f"{where}/{key}".strip("/")))), "")


def packed(path: Path) -> Path:
    """Where the same file is when it is kept for long: one with a thousand cells packs to an eighth."""
    return path.with_name(path.name + ".gz")


def published(root: Path) -> list[Path]:
    """The results files of the runs in a folder, packed or not, each by the name that it has unpacked."""
    return sorted({path.parent / RESULTS for path in root.glob(f"*/{RESULTS}*") if path in (
        path.parent / RESULTS, packed(path.parent / RESULTS))})


def load(path: Path) -> dict[str, Any]:
    """Reads a results file, the packed one where there is no other, or says in one line why it is none."""
    try:
        if not path.exists() and packed(path).exists():
            with gzip.open(packed(path), "rt", encoding="utf-8") as stream:
                text = stream.read(MAX_CHARACTERS)
        else:
            text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; make one with scripts/poolmark run") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder; name the file, {path / RESULTS}") from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as failure:
        raise UserError(f"{path} cannot be read ({failure.__class__.__name__}); name a results.json") from None
    try:
        results = json.loads(text)
    except (ValueError, RecursionError) as failure:
        raise UserError(f"{path} is not JSON or was cut short ({failure}); copy it again from where it was made"
                        ) from None
    number = results.get("schema") if isinstance(results, dict) else None
    if number != VERSION or isinstance(number, bool):
        raise UserError(f"{path} has schema {reprlib.repr(number)[:80]}, this version reads {VERSION}; "
                        "use the version of the suite that made it, or run again")
    wrong = violation(results) or _unbounded(results) or wrong_names(results)
    if wrong:
        raise UserError(f"{path} does not hold to schema {VERSION}, {wrong}; run again or restore the file")
    return results


def wrong_names(measured: Mapping[str, Any]) -> str:
    """Two cells of one id, or a cell on a heap that the file does not know; empty when there is none."""
    ids = Counter(cell["id"] for cell in measured["cells"])
    twice = next((name for name, count in ids.items() if count > 1), None)
    if twice is not None:
        return f"{ids[twice]} cells have the id {_shown(twice)}"
    heaps = Counter(entry["name"] for entry in measured["allocators"])
    twice = next((name for name, count in heaps.items() if count > 1), None)
    if twice is not None:
        return f"{heaps[twice]} heaps have the name {_shown(twice)}"
    lost = next((cell for cell in measured["cells"] if cell["allocator"] not in heaps), None)
    return f"{_shown(lost['id'])} is on the heap {_shown(lost['allocator'])}, which is not among its allocators" if lost else ""


def wrong_looks(measured: Mapping[str, Any]) -> str:
    """What is wrong with the looks at the data; empty when together they err in at most 5 % of cases."""
    return next((found for name in PLANS if (found := _wrong_plan(name, measured["protocol"].get(name, ())))), "")


def _wrong_plan(name: str, plan: Sequence[Mapping[str, Any]]) -> str:
    counts = [look["processes"] for look in plan]
    if any(not 0 < look["confidence"] < 1 for look in plan):
        return f"protocol/{name} has a confidence that no interval has, it must lie between 0 and 1"
    if counts != sorted(set(counts)) or min(counts, default=1) < 1:
        return f"protocol/{name} has looks that do not follow one another, each must have more processes than the one before"
    spent = sum(1 - look["confidence"] for look in plan)
    if spent > 1 - CONFIDENCE + ROUNDING:
        return f"protocol/{name} spends {spent:.1%} of error over its looks, and there are {1 - CONFIDENCE:.0%} in all"
    return ""


def _shown(name: str) -> str:
    return f"'{printable(name[:100])}'"
