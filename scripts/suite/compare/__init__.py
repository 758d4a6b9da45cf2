"""`poolmark compare`: what changed between two runs of one machine.

    old:  cell / baseline  ─┐
                            ├──►  new ratio / old ratio, with an interval  ──►  REGRESSED, IMPROVED, SAME, UNRESOLVED
    new:  cell / baseline  ─┘

Good for: a change of a pool or of a heap, judged before it is merged; exit code 1 when a cell regressed.
Bad for:  a change that the baseline shares. It cancels out of both ratios, as the machine's mood does.

A heap of another major version is another heap, by name: its cells are in one run only.
Runs of different regimes are refused, --force or not: where the core is shared the ratios themselves are others.
"""

import sys
from pathlib import Path

from suite.base.errors import UserError
from suite.compare import cells, identity, page
from suite.results import renames, run_regime, runs


def command(old_path: Path, new_path: Path, force: bool, markdown: bool) -> int:
    """Prints the table; 1 when a cell regressed beyond the margin."""
    old, new = renames.current(runs.load(old_path)), renames.current(runs.load(new_path))
    old, new, of_heaps = renames.heaps_apart(old, new)
    mixed = run_regime.mixed(old, new)
    if mixed:
        raise UserError(f"the runs cannot be compared: {mixed}")
    differing = identity.differing(old, new)
    if differing and not force:
        raise UserError(f"the runs are not of one machine, build and set of questions: {'; '.join(differing)}; measure both "
                        "sides alike, or add --force")
    for side, measured in (("old", old), ("new", new)):
        if measured["calibration"]["quality"] == "INVALID" and not force:
            raise UserError(f"the {side} run is INVALID, its own checks failed; run it again, or add --force")
    found = cells.compare(old, new)
    if not found.rows:
        raise UserError("the runs have no measured cell in common" + (
            ", only cells of different regimes; run one of them again" if found.apart else
            "; run both with the same --workload and --strategy"))
    notes = [f"compared by force: {line}" for line in differing] + of_heaps + identity.notes(old, new)
    if runs.run_hash(old) == runs.run_hash(new):
        notes.insert(0, "both are the same run: nothing can have changed, and what is unresolved is only imprecise")
    text = page.markdown(found, old, new, notes) if markdown else page.terminal(found, old, new, notes, page.width())
    sys.stdout.write(text)
    return 1 if any(row.verdict == cells.REGRESSED for row in found.rows) else 0
