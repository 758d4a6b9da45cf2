"""The output folder while a run is under way: `plan.json` says what is measured, `partial.jsonl` what already is.

One line is appended per finished group and forced to disk, so that neither Ctrl-C nor kill -9 loses a finished group.
"""

import gzip
import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from suite.errors import UserError
from suite.outcome import Outcome

PLAN, PARTIAL, RESULTS = "plan.json", "partial.jsonl", "results.json"
ROUNDS = "rounds.jsonl.gz"


@dataclass(frozen=True)
class RunPlan:
    """All that a resumed run must share with the run it resumes."""

    id: str
    started: str
    command: str
    preset: str
    seed: int
    workloads: tuple[str, ...]
    strategies: tuple[str, ...]
    allocators: tuple[str, ...]
    cell_seconds: float
    binary_sha256: str


def sha256(path: Path) -> str:
    """The hash of a file; empty when it is gone."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def write_whole(path: Path, text: str) -> None:
    """Writes a file whole or not at all: a temporary one in the same folder takes its place once it is on disk."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def check_writable(out: Path) -> None:
    """Tries the folder before anything is measured, and leaves none behind that was not there."""
    existed = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
        if not existed:
            out.rmdir()
    except OSError as failure:
        raise UserError(f"cannot write to {out} ({failure.strerror}); choose another folder with --out DIR") from None


def refuse_used(out: Path) -> None:
    """Nothing is written over: a folder that holds a run is only taken up with --resume."""
    if (out / RESULTS).exists() or (out / PLAN).exists():
        if is_complete(out):
            raise UserError(f"{out} already holds a finished run; choose another folder with --out DIR")
        raise UserError(f"{out} already holds a run that was interrupted; add --resume, or choose another --out DIR")


def is_complete(out: Path) -> bool:
    """Whether the folder's results are those of a whole run; an unreadable file counts as one, so as not to lose it."""
    if not (out / RESULTS).exists():
        return False
    try:
        return json.loads((out / RESULTS).read_text(encoding="utf-8"))["run"]["complete"] is not False
    except (OSError, ValueError, KeyError, TypeError):
        return True


def start(out: Path, plan: RunPlan) -> None:
    """Records the plan of a new run."""
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / PLAN, json.dumps(asdict(plan), indent=2) + "\n")


def read_plan(out: Path) -> RunPlan:
    """The plan to resume."""
    path = out / PLAN
    if is_complete(out):
        raise UserError(f"{out} is complete, there is nothing to resume; leave out --resume to start a new run")
    try:
        source = json.loads(path.read_text(encoding="utf-8"))
        for key in ("workloads", "strategies", "allocators"):
            source[key] = tuple(source[key])
        return RunPlan(**source)
    except FileNotFoundError:
        raise UserError(f"{path} does not exist, so there is nothing to resume; leave out --resume") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{path} cannot be read as a plan; start a new run with another --out DIR") from None


def append(out: Path, outcome: Outcome) -> None:
    """Keeps one finished group."""
    with (out / PARTIAL).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(outcome.to_json(), allow_nan=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def finish(out: Path) -> None:
    """The journal of a finished run becomes its raw data: each round of each process, compressed."""
    partial = out / PARTIAL
    # No time stamp and no name inside: equal rounds make equal files.
    packed = gzip.compress(partial.read_bytes(), mtime=0)
    (out / f".{ROUNDS}").write_bytes(packed)
    os.replace(out / f".{ROUNDS}", out / ROUNDS)
    partial.unlink()


def read_outcomes(out: Path) -> list[Outcome]:
    """The finished groups. A torn last line is cut off, so that the next one starts on a line of its own."""
    path = out / PARTIAL
    if not path.exists():
        return []
    whole, outcomes = [], {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
        try:
            if not line.endswith("\n"):
                break
            outcome = Outcome.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError):
            break
        whole.append(line)
        outcomes[outcome.group] = outcome
    write_whole(path, "".join(whole))
    return list(outcomes.values())
