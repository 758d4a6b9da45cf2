"""Strategies that have another name today: results keep the names that they were measured under, comparisons know both."""

import re
from typing import Any

Json = dict[str, Any]
RENAMED = {"magazine_pool": "stack_pool"}  # it keeps its free slots in a stack, and has no magazines
OLD = re.compile(rf"(?<=/)({'|'.join(RENAMED)})(?=@|$)")
NAMES = ("id", "baseline", "strategy")


def name(strategy: str) -> str:
    """What a strategy, or the strategy of a cell's identity, is called today."""
    return RENAMED.get(strategy) or OLD.sub(lambda found: RENAMED[found[1]], strategy)


def current(measured: Json) -> Json:
    """The results with the names of today."""
    cells = [cell | {key: name(cell[key]) for key in NAMES} for cell in measured["cells"]]
    strategies = [entry | {"name": name(entry["name"])} for entry in measured["strategies"]]
    return {**measured, "cells": cells, "strategies": strategies}
