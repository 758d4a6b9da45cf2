"""Turns a selection into cell groups: one group a point, the baseline first, its A/A twin second."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from suite.base.errors import UserError
from suite.plan.cells import (CONTROLS, DUPLICATE, EMPTY_LOOP, TWIN, Cell, Group, Heap, Selection, check_globs, heaps,
                              matches, parameters_text)
from suite.plan import heap_states
from suite.plan.describe import PRESETS, Description, Entrant, Point, Workload
from suite.plan.presets import HEAPS, HEAPS_TOO, Preset, rank_of

GRANTED = Path("/sys/fs/cgroup/memory.max")
SIDE_BY_SIDE = 5  # rivals and the baseline of a block


def _takes_part(entrant: Entrant, selection: Selection, preset: Preset, workload: Workload) -> bool:
    """Whether a strategy has cells at all. One that the reader names does in any preset; smoke tries every one."""
    if entrant.name == EMPTY_LOOP or workload.name == CONTROLS:
        return True
    if selection.strategies:
        return matches(selection.strategies, entrant.name)
    if preset.heaps_only and workload.preset != HEAPS:
        return entrant is workload.strategies[0]
    return preset.every_pool or entrant.preset != "wide" and rank_of(entrant.preset) <= preset.rank


def _is_asked(workload: Workload, point: Point, selection: Selection, preset: Preset) -> bool:
    """Whether a point is measured. A workload that the reader names is asked in any preset, at the points of that
    preset, and a point that is named is measured in any; smoke tries every workload, at its first point where none is of
    a preset as short."""
    if workload.name == CONTROLS:
        return heap_states.PARAMETER not in point.parameters
    name = _name(workload, point)
    if any(matches((glob,), name) for glob in selection.workloads if "/" in glob):
        return True
    plain = _name(workload, replace(point, parameters=heap_states.without(point.parameters))) if selection.heaps else name
    if selection.workloads and not matches(selection.workloads, workload.name, name, plain):
        return False
    takes_part = bool(selection.workloads) or preset.smoke or (
        workload.preset == HEAPS or workload.name in HEAPS_TOO if preset.heaps_only else rank_of(workload.preset) <= preset.rank)
    only = preset.smoke and point is workload.points[0] and all(rank_of(each.preset) > preset.rank for each in workload.points)
    return takes_part and (only or rank_of(point.preset) <= preset.rank)


def _name(workload: Workload, point: Point) -> str:
    return f"{workload.name}/{parameters_text(point.parameters)}"


def _states(workload: Workload, point: Point, selection: Selection, preset: Preset) -> list[Point]:
    """The point on each state of the heap that is asked for; a glob may name one more. Bytes and single operations are
    asked on a clean heap."""
    asked = selection.heaps or (heap_states.CLEAN, *([heap_states.CURATED] if point.littered and not preset.smoke else []))
    named = [word for word in map(heap_states.in_name, selection.workloads) if word and word not in asked]
    points = [point if word == heap_states.CLEAN else replace(
        point, parameters=point.parameters | {heap_states.PARAMETER: word}, memory=False, latency=False) for word in (*asked, *named)]
    return points[:len(asked)] + [each for each in points[len(asked):] if _name(workload, each) in selection.workloads]


def _heaps_at(point: Point, entrant: Entrant, preset: Preset, taking_part: tuple[Heap, ...],
              glibc: Heap, named: bool) -> tuple[Heap, ...]:
    """The heaps of one strategy at one point. Heaps that the reader named take part at every point. A point of a sweep,
    which no shorter preset asks, tells where an answer flips: on glibc, unless it says otherwise or the preset is wide. A heap
    that is told to give memory back takes part where that is the question.
    """
    if entrant.allocators == "baseline":
        return (glibc,)
    reached = rank_of(point.every_allocator_from) <= preset.rank
    swept = rank_of(point.preset) > 0 and rank_of(point.every_allocator_from) > 0
    everywhere = named or reached and (preset.every_pool or not swept)
    here = taking_part if named or point.gives_back else tuple(heap for heap in taking_part if not heap.settings)
    return here if everywhere else (glibc,)


def _cells(description: Description, workload: Workload, point: Point, selection: Selection, preset: Preset,
           taking_part: tuple[Heap, ...], glibc: Heap) -> tuple[Cell, ...]:
    first = workload.strategies[0]
    baseline = Cell(workload.name, point.parameters, first.name, glibc, first.role, baseline=first.name,
                    skip=_skip_reason(description, point, first.name, glibc))
    cells = [baseline] + [replace(baseline, aa=kind) for kind in ((TWIN, DUPLICATE) if preset.twin else ())]
    for entrant in workload.strategies:
        if not _takes_part(entrant, selection, preset, workload):
            continue
        for heap in _heaps_at(point, entrant, preset, taking_part, glibc, bool(selection.allocators)):
            if (entrant.name, heap.name) == (first.name, glibc.name):
                continue
            skip = _skip_reason(description, point, entrant.name, heap)
            cells.append(Cell(workload.name, point.parameters, entrant.name, heap, entrant.role, skip=skip,
                              answers=entrant.name not in point.unanswered, baseline=first.name))
    if baseline.skip:
        return tuple(cell if cell.skip else replace(cell, skip=f"its baseline is not available: {baseline.skip}")
                     for cell in cells)
    return tuple(cells)


def _skip_reason(description: Description, point: Point, strategy: str, heap: Heap) -> str:
    if not heap.available:
        return heap.reason or f"{heap.name} is not available"
    known = description.strategy(strategy)
    if not known.available:
        return known.reason or f"{strategy} is not available"
    return point.excluded.get(strategy, "") or _too_large(point)


def _too_large(point: Point) -> str:
    """Why a point does not fit this machine: rivals live side by side."""
    needed, there = point.needs_mib * SIDE_BY_SIDE, memory_mib()
    return f"it needs {needed:,} MiB for {SIDE_BY_SIDE} processes side by side, this machine has {there:,}" if needed > there else ""


def memory_mib() -> int:
    """What the machine has, or the control group grants."""
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        there = min(there, int(GRANTED.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no limit says "max"
        pass
    return there >> 20


def make(description: Description, selection: Selection, preset: Preset) -> tuple[Group, ...]:
    """All groups of the run: the controls first, since all else rests on them, then in the order of the description."""
    check_globs(description, selection)
    known = {allocator.name: allocator for allocator in description.allocators}
    taking_part = tuple(heap for heap in heaps(description, selection.allocators)
                        if selection.allocators or preset.smoke or preset.heaps_only or rank_of(known[heap.name].preset) <= preset.rank)
    glibc = heaps(description, (description.allocators[0].name,))[0]
    groups = []
    for workload in description.workloads:
        for point in (each for clean in workload.points for each in _states(workload, clean, selection, preset)):
            if _is_asked(workload, point, selection, preset):
                cells = _cells(description, workload, point, selection, preset, taking_part, glibc)
                groups.append(Group(cells, point.memory, point.latency))
    _refuse_unmet(selection, preset, groups)
    return tuple(sorted(groups, key=lambda group: group.baseline.workload != CONTROLS))


def _refuse_unmet(selection: Selection, preset: Preset, groups: list[Group]) -> None:
    """What was asked for by name and has no cell, because the names do not meet, is refused before anything runs. A row
    that is skipped has a cell: it says why itself."""
    cells = [cell for group in groups for cell in group.cells if cell.workload != CONTROLS]
    for glob in selection.workloads:
        if not matches((glob,), CONTROLS) and not any(matches((glob,), cell.workload, cell.group) for cell in cells):
            raise UserError(f"preset {preset.name} has no point of {glob}; try --preset full")
    for glob in selection.strategies:
        if not any(matches((glob,), cell.strategy) for cell in cells):
            raise UserError(f"--strategy '{glob}' takes no part in {', '.join(selection.workloads) or f'preset {preset.name}'}; "
                            "scripts/poolmark list says where it does, add --workload or leave it out")
    for name in (entry.partition("=")[0] for entry in selection.allocators):
        if not any(cell.heap.name == name for cell in cells):
            raise UserError(f"--allocator {name}: {', '.join(selection.strategies) or 'what was asked'} takes nothing from the heap there; "
                            "add --strategy fresh_heap, or leave the allocator out")


def _counted(names: list[str], kind: str) -> str:
    """A few names, or how many there are and the command that lists them."""
    return ", ".join(names) if len(names) <= 8 else f"{len(names)} {kind} (scripts/poolmark list {kind})"


def _left_out(description: Description, selection: Selection, preset: Preset,
              groups: tuple[Group, ...]) -> Iterator[str]:
    """What takes part only in a more thorough preset: the strategies of these groups, and the other workloads."""
    asked = {group.baseline.workload for group in groups}
    first: dict[str, str] = {}  # the shortest preset in which a strategy has a cell in one of these workloads
    here = [workload for workload in description.workloads if workload.name in asked]
    for entrant in (entrant for workload in here for entrant in workload.strategies):
        first[entrant.name] = min(first.get(entrant.name, entrant.preset), entrant.preset, key=PRESETS.index)
    if not selection.strategies:
        for later in PRESETS[1:]:
            late = [strategy.name for strategy in description.strategies if first.get(strategy.name) == later]
            if late and not preset.every_pool and (later == "wide" or preset.rank == 0):
                yield f"{_counted(late, 'strategies')}: only with --preset {later}, or named with --strategy"
    others = [workload.name for workload in description.workloads if workload.name not in asked]
    if others and not selection.workloads:
        yield f"{_counted(others, 'workloads')}: only with --preset full, or named with --workload"


def notes(description: Description, selection: Selection, preset: Preset, groups: tuple[Group, ...]) -> list[str]:
    """What the reader should know about the plan before it starts."""
    lines = []
    named = [entry.partition("=")[0] for entry in selection.allocators]
    glibc = description.allocators[0].name
    unasked = {group.baseline.strategy for group in groups if group.baseline.workload != CONTROLS
               if (named and glibc not in named) or not matches(selection.strategies, group.baseline.strategy)}
    if unasked:
        baselines = ", ".join(f"{strategy}@{glibc}" for strategy in sorted(unasked))
        lines.append(f"{baselines} takes part as the baseline that everything is compared with")
    lines += _left_out(description, selection, preset, groups)
    heaps_lacking = {cell.heap.name: cell.skip for group in groups for cell in group.cells if not cell.heap.available}
    lacking = {strategy.name: strategy.reason for strategy in description.strategies if not strategy.available}
    lines += [f"skipped {name}: {reason}" for name, reason in {**heaps_lacking, **lacking}.items()]
    return lines
