"""The rounds of a run as its folder holds them, and the plan beside them."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from suite import runs
from suite.errors import UserError
from suite.journal import PARTIAL, PLAN, ROUNDS
from suite.outcome import Outcome
from suite.verify import older

RESTORE = "copy it again from where it was made"
SAME = ("id", "started", "preset", "seed", "cell_seconds")


def read(folder: Path, commit: str) -> list[Outcome]:
    """The measured groups. While a run is under way a group has a line for each look, and its last one counts."""
    path = next((folder / name for name in (ROUNDS, PARTIAL) if (folder / name).is_file()), None)
    if path is None:
        raise UserError(f"{folder} holds no {ROUNDS}, and without the rounds nothing can be recomputed; {RESTORE}")
    try:
        return list({outcome.group: outcome for outcome in _outcomes(path, commit)}.values())
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise UserError(f"{path} is damaged or was cut short; {RESTORE}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is no text once it is unpacked; {RESTORE}") from None


def _outcomes(path: Path, commit: str) -> Iterator[Outcome]:
    with (gzip.open if path.name == ROUNDS else open)(path, "rt", encoding="utf-8", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                yield Outcome.from_json(older.filled(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                raise UserError(f"line {number} of {path} is no measured group as this version writes them; {RESTORE}, or "
                                f"verify it with the version that made it: git checkout {runs.plain(commit, 40)}") from None


def against_plan(folder: Path, measured: Mapping[str, Any]) -> list[str]:
    """What the run says of itself against the plan that was written before it began; without a plan, nothing."""
    told = measured["run"] | {"cell_seconds": measured["protocol"]["cell_seconds"]}
    if not (folder / PLAN).is_file():
        return []
    try:
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        return [f"run/{key}: results.json has {runs.plain(told[key], 60)}, the plan {runs.plain(plan[key], 60)}"
                for key in SAME if plan[key] != told[key]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise UserError(f"{folder / PLAN} cannot be read as a plan; {RESTORE}") from None
