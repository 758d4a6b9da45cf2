"""CPython as a peer: which interpreters there are, what each answers, and why one has none.

Two levels. A script of the standard library's own says what a Python user sees; a small program on libpython's C API,
built where its headers are, says what the mechanisms cost without the bytecode around them. Whatever comes back is held
to its form here, once: an answer that is no answer is a skipped row with the reason, never a crash and never a number.
"""

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suite.base import build

SCRIPT = build.ROOT / "scripts/suite/claims/probes/measure.py"
PEER = build.FOLDER / "poolmark-cpython-peer"
OLDEST = (3, 6)
NAMES = ("/usr/bin/python3", "python3", *(f"python3.{minor}" for minor in range(OLDEST[1], 20)))
WHO = ("import platform, sys\nprint(platform.python_implementation(), '%d.%d' % sys.version_info[:2], "
       "platform.python_version(), sys.executable)")
SECONDS = 1800.0


@dataclass(frozen=True)
class Document:
    """What one interpreter answered, by level `python` or `c api`."""

    level: str
    version: str
    about: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    times: dict[str, tuple[float, ...]] = field(default_factory=dict)
    bytes: dict[str, float] = field(default_factory=dict)
    expected: tuple[dict[str, Any], ...] = ()
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.version + (" C API" if self.level == "c api" else "")


@dataclass(frozen=True)
class Skipped:
    """An interpreter, or a level, that has no answer."""

    name: str
    reason: str


def plain(text: Any, most: int = 160) -> str:
    """One printable line of a text from outside."""
    line = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return " ".join(line.split())[:most]


def _number(value: Any, least: float = 0.0) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= 1e18:
        raise ValueError(f"{plain(value, 40)!r} is no measurement")
    return float(value)


def _fact(value: Any) -> Any:
    if isinstance(value, bool) or isinstance(value, str) and len(value) <= 80:
        return plain(value) if isinstance(value, str) else value
    return _number(value, -1e18)


def _table(answer: dict[str, Any], key: str) -> dict[str, Any]:
    table = answer.get(key, {})
    if not isinstance(table, dict):
        raise ValueError(f"'{key}' is no table")
    return table


def accept(answer: Any) -> Document:
    """An answer as a document; ValueError says what is wrong with it."""
    if not isinstance(answer, dict) or answer.get("schema") != 1 or isinstance(answer.get("schema"), bool):
        raise ValueError("it has not the form of an answer")
    about = _table(answer, "python")
    level, version = about.get("level"), about.get("version")
    if level not in ("python", "c api") or not isinstance(version, str) or not plain(version, 40):
        raise ValueError("it does not say what it measured")
    times = {}
    for name, row in _table(answer, "times").items():
        samples = row.get("samples") if isinstance(row, dict) else None
        if not isinstance(samples, list) or not samples:
            raise ValueError(f"the time of {plain(name, 40)!r} has no samples")
        times[plain(name)] = tuple(_number(sample, 1e-9) for sample in samples)
    expected = answer.get("expected", [])
    if not isinstance(expected, list) or not all(isinstance(row, dict) for row in expected):
        raise ValueError("'expected' is no list of rows")
    return Document(
        level, plain(version, 40), {plain(key): plain(value) for key, value in about.items()},
        {plain(name): _fact(value) for name, value in _table(answer, "facts").items()}, times,
        {plain(name): _number(value) for name, value in _table(answer, "bytes").items()},
        tuple({plain(key): plain(value) for key, value in row.items()} for row in expected),
        {plain(name): plain(why) for name, why in _table(answer, "failed").items()})


def _run(command: Sequence[str], seconds: float, **variables: str) -> str:
    """Standard output; ValueError with the reason when there is none to be had."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False,
                              env=os.environ | variables)
    except subprocess.TimeoutExpired:
        raise ValueError(f"no answer within {seconds:.0f} s") from None
    except (OSError, ValueError) as failure:
        raise ValueError(f"it cannot be run ({plain(failure)})") from None
    if done.returncode:
        last = plain((done.stderr.decode("utf-8", "replace").strip().splitlines() or [""])[-1])
        raise ValueError(f"it ended with exit code {done.returncode}" + (f": {last}" if last else ""))
    return done.stdout.decode("utf-8", "replace")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("its answer is not JSON") from None


def identify(command: str) -> tuple[str, str]:
    """The version and the real path of an interpreter that can be measured; ValueError says why one cannot."""
    words = plain(_run([command, "-c", WHO], 60.0)).split(" ", 3)
    if len(words) != 4 or not words[1].replace(".", "", 1).isdigit() or "." not in words[1]:
        raise ValueError("it does not say which version it is")
    if words[0] != "CPython":
        raise ValueError(f"it is {words[0]}; the claims are about CPython")
    if tuple(map(int, words[1].split("."))) < OLDEST:
        raise ValueError(f"version {words[2]} is older than {OLDEST[0]}.{OLDEST[1]}")
    return words[2], words[3]


def find(more: Iterable[str] = ()) -> tuple[list[tuple[str, str]], list[Skipped]]:
    """Interpreters of different versions or places, those that the reader names first; and those that cannot be."""
    found: dict[tuple[str, str], None] = {}
    skipped, more = [], list(more)
    for name in [*more, *NAMES]:
        path = shutil.which(name)
        try:
            if path is None:
                raise ValueError("there is no such program")
            version, real = identify(path)
            found.setdefault((version, str(Path(real).resolve())))
        except ValueError as failure:
            if name in more or name == "python3":
                skipped.append(Skipped(plain(name), str(failure)))
    return list(found), skipped


def raw(python: str, options: Sequence[str] = (), seconds: float = SECONDS) -> dict[str, Any]:
    """What the script says in one interpreter, proved to be an answer."""
    answer = _json(_run([python, str(SCRIPT), *options], seconds))
    accept(answer)
    return answer


def build_peer() -> None:
    """Builds the program on libpython where its headers are; raw_peer says what is missing where they are not."""
    build.target("poolmark-claims", "building what the ledger of claims measures")


def raw_peer(seeds: int, program: Path | None = None) -> dict[str, Any]:
    """What the embedding program says, in as many processes as there are hash seeds."""
    program = program or PEER
    if not program.exists():
        raise ValueError("the program on libpython is not built; install it with: apt-get install -y python3-dev, then "
                         "scripts/poolmark setup")
    answers = [_json(_run([str(program)], 300.0, PYTHONHASHSEED=str(seed))) for seed in range(1, seeds + 1)]
    for answer in answers:
        accept(answer)  # before anything is taken out of it
    first = answers[0]
    merged = {name: {"samples": [each["times"][name]["samples"][0] for each in answers]} for name in first["times"]
              if all(name in each["times"] for each in answers)}
    return {**first, "times": merged}


def ratio(above: Sequence[float], below: Sequence[float]) -> tuple[float, float, float]:
    """Estimate and ends of a ratio of times: by process where both have the same ones."""
    if len(above) == len(below):
        each = [one / other for one, other in zip(above, below)]
        return statistics.median(each), min(each), max(each)
    return statistics.median(above) / statistics.median(below), min(above) / max(below), max(above) / min(below)
