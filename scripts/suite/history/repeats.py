"""Which reference runs repeat one another, and what they say of it: methodology.md's tables of `poolmark replicate`.

The rule: runs of `quick` in reports/runs that are of one program on one machine are repeats of one another.
"""

from suite.compare import identity
from suite.history.past import Run
from suite.replicate import page
from suite.replicate.pairs import compare

PRESET = "quick"
NOTHING = f"No reference run of `{PRESET}` has been repeated yet.\n"


def groups(found: list[Run]) -> list[list[Run]]:
    """Runs that repeat one another, each group in the order in which they were made, the newest group first."""
    together: list[list[Run]] = []
    for run in found:  # the newest first
        if run.quality != "INVALID" and run.measured["run"]["preset"] == PRESET:
            own = next((group for group in together if not identity.not_repeated(group[0].measured, run.measured)), None)
            together.append([run]) if own is None else own.append(run)
    return [group[::-1] for group in together if len(group) > 1]


def section(found: list[Run]) -> str:
    """All that stands between the marks."""
    parts = []
    for group in groups(found):
        named = [(run.name, run.measured) for run in group]
        compared = compare([run.measured for run in group])
        if compared.pairs:
            parts.append(f"{len(group)} runs of `{PRESET}` on {group[0].machine}: {page.markdown(compared, named)}")
    return "\n".join(parts) or NOTHING
