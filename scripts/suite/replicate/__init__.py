"""`poolmark replicate`: do several runs of one program on one machine say the same?

    run 1 ─┐
    run 2 ─┼──►  each cell, each pair of runs: do the intervals overlap, do the verdicts contradict?
    run 3 ─┘

Good for: whether what is cited from one run will be found again by the next. Exit code 1 below the bar.
Bad for:  runs of different programs or machines; `compare` asks what changed between those of one machine.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from suite import runs
from suite.compare import identity
from suite.errors import UserError
from suite.replicate import page
from suite.replicate.pairs import compare, tally

Json = Mapping[str, Any]


def _name(path: Path) -> str:
    """A run goes by its folder."""
    file = runs.file_of(path).resolve()
    return runs.plain(file.parent.name or file.name, 60)


def refuse(named: Sequence[tuple[str, Json]]) -> None:
    """Runs that cannot be repeats of one another, in one line that names what differs."""
    if len(named) < 2:
        raise UserError("one run has nothing to agree with; name two or more")
    first, original = named[0]
    seen: dict[str, str] = {}
    for name, measured in named:
        if measured["calibration"]["quality"] == "INVALID":
            raise UserError(f"{name} is INVALID, its own checks failed; run it again")
        twice = seen.get(content := runs.run_hash(measured))
        if twice:
            raise UserError(f"{name} and {twice} are the same run; name each run once")
        seen[content] = name
        differing = identity.not_repeated(original, measured)
        if differing:
            raise UserError(f"{name} is no repeat of {first}: {'; '.join(differing)}; run the same program with the same "
                            "preset on the same machine")


def command(paths: Sequence[Path], markdown: bool) -> int:
    """Prints the tables; 1 when fewer intervals overlap than must, or a verdict turned round."""
    named = [(_name(path), runs.load(path)) for path in paths]
    refuse(named)
    found = compare([measured for _, measured in named])
    if not found.pairs:
        raise UserError("no cell may be cited in two of these runs and in one regime" + (
            f" ({page.mixed(found)})" if found.mixed else "") + "; run again, on a quieter machine or with more workloads")
    sys.stdout.write(page.markdown(found, named) if markdown else page.terminal(found, named))
    return 0 if tally(found.pairs).reached else 1
