"""The best levels of the witnesses that this machine ever showed, kept between runs: a machine whose core is shared during a
whole run cannot know that from the run alone.

One small file in the user's cache folder, for one kind of machine. Losing it costs nothing but this knowledge.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from suite.base.folder import write_whole
from suite.machine import hardware
from suite.machine.source import Source
from suite.measure.contender import WITNESSES, number


@dataclass(frozen=True)
class Known:
    """What is known of a machine; `note` says in one line why nothing is."""

    cpu: str
    levels: Mapping[str, float] = field(default_factory=dict)
    made: str = ""
    note: str = ""


def path() -> Path:
    """Where it is kept."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "poolmark" / "witness.json"


def load(model: str | None = None) -> Known:
    """The best levels of this kind of machine; none where there is no file, or one of another kind."""
    model = model or hardware.model(Source())
    try:
        source = json.loads(path().read_text(encoding="utf-8"))
        known = Known(source["cpu"], {name: float(value) for name, value in source["levels"].items()
                                      if name in WITNESSES and number(value, 0) and value > 0}, str(source["made"])[:10])
    except FileNotFoundError:
        return Known(model, note="no earlier run on this machine: quiet means the best level that this run saw itself")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Known(model, note=f"{path()} cannot be read, so earlier runs do not count; remove it")
    if known.cpu != model:
        return Known(model, note=f"the witness of earlier runs was made on another kind of machine ({known.cpu}), so it does "
                                 "not count here")
    return known


def keep(levels: Mapping[str, float], known: Known) -> None:
    """Remembers the better of each level. A folder that cannot be written is no reason to lose a run."""
    best = {name: min(value, known.levels.get(name, value)) for name, value in levels.items()}
    entry = Known(known.cpu, dict(known.levels) | best, datetime.now(UTC).strftime("%Y-%m-%d"))
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        write_whole(path(), json.dumps(asdict(entry)) + "\n")
    except OSError:
        pass
