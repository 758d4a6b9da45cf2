"""A run as the commands name it: a folder or its results.json; and the hash by which it is quoted."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from suite.analysis.cell import Cell
from suite.base import streams
from suite.base.errors import UserError
from suite.measure.journal import RESULTS
from suite.results import results_file

HASH_DIGITS = 12


def file_of(path: Path) -> Path:
    """The results file, named itself or by its folder."""
    if path.is_dir():
        if not (path / RESULTS).exists() and not results_file.packed(path / RESULTS).exists():
            raise UserError(f"{path} holds no {RESULTS}; name the folder of a run, or its file")
        return path / RESULTS
    return path


def load(path: Path) -> dict[str, Any]:
    """The results of a run; one line and exit code 2 when they cannot be had."""
    file = file_of(path)
    measured = results_file.load(file)
    wrong = results_file.wrong_looks(measured)
    if wrong:
        raise UserError(f"{file}: {wrong}; its intervals do not hold what they say, restore the file")
    return measured


def run_hash(measured: Mapping[str, Any]) -> str:
    """Of the content, whatever its spelling: another order of keys or other white space is the same run."""
    text = json.dumps(measured, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:HASH_DIGITS]


def version(measured: Mapping[str, Any]) -> str:
    """`0.1.0 (1234567)`, with a word when files differed from that commit."""
    run, build = measured["run"], measured["environment"]["build"]
    dirty = ", modified" if run["dirty"] else ""
    return f"{build.get('version', 'of unknown version')} ({run['commit'][:7]}{dirty})"


def plain(text: Any, most: int = 160) -> str:
    """Text from outside for a terminal: on one line, without control characters, of a bounded length."""
    shown = streams.printable(str(text)[:most + 1]).strip()
    return shown if len(shown) <= most else shown[:most - 1] + "…"


def names(ids: Sequence[str], most: int) -> str:
    """The first few, and how many more there are."""
    more = f", and {len(ids) - most:,} more" if len(ids) > most else ""
    return ", ".join(plain(one) for one in ids[:most]) + more


def markdown(text: Any, most: int = 160) -> str:
    """The same in a Markdown table: markup in a name is text."""
    shown = plain(text, most).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{letter}" if letter in "\\`*|[]~" else letter for letter in shown)


def margin_of(measured: Mapping[str, Any], workload: str) -> float:
    """Under which the verdicts of a workload stand: files of before have one margin for all."""
    calibration = measured["calibration"]
    return calibration.get("margins", {}).get(workload, calibration["effective_margin"])


def floor_of(measured: Mapping[str, Any], workload: str) -> float | None:
    """What the machine calls different in a workload when nothing is."""
    calibration = measured["calibration"]
    return calibration.get("floors", {}).get(workload, calibration["floor"])


def margin_at(measured: Mapping[str, Any], cell: Cell) -> float:
    """Under which the verdict of a cell stands: its own margin, in files of before that of its workload."""
    return cell.margin or margin_of(measured, cell.workload)
