"""Rows by columns of cells: what a heat map shows, chosen and put into words, without drawing it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from suite.charts import data, points, words
from suite.charts.data import Cell, Results

WIDEST = 15  # columns in one figure


@dataclass(frozen=True)
class Matrix:
    """Rows by columns of cells; `get` is None where nothing was measured."""

    rows: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]  # workload, point
    cells: dict[tuple[str, int], Cell]


def bundles(results: Results, allocator: str) -> list[list[str]]:
    """Workloads grouped by the strategies they share."""
    groups: list[tuple[set[str], list[str]]] = []
    for one in results.workloads:
        mine = {cell.strategy for cell in results.of_workload(one["name"])
                if cell.allocator == allocator and not cell.limit}
        for shared, names in groups:
            if len(mine & shared) >= 0.4 * min(len(mine), len(shared)) > 0:
                shared |= mine
                names.append(one["name"])
                break
        else:
            groups.append((mine, [one["name"]]))
    # Matrices of one workload each would be mostly margin: they share a figure too.
    alone = [name for _, names in groups if len(names) == 1 for name in names]
    return [names for _, names in groups if len(names) > 1] + ([alone] if alone else [])


def matrix_of(results: Results, names: list[str], row_of: Callable[[Cell], str | None]) -> Matrix:
    """The headline points of some workloads, as far as anybody was compared there; `row_of` names a cell's row, or None to
    leave it out."""
    every = {name: points.of(results.of_workload(name)) for name in names}
    chosen = [point for found in every.values() for point in points.headline(found, 3)]
    cells = {(row, i): cell for i, point in enumerate(chosen) for cell in point.cells
             if not cell.twin and (row := row_of(cell)) is not None}
    asked = [i for i in range(len(chosen)) if any(_compared(cell) for (_, column), cell in cells.items() if column == i)]
    cells = {(row, asked.index(i)): cell for (row, i), cell in cells.items() if i in asked}
    rows = tuple(row for row in dict.fromkeys(row for row, _ in cells)
                 if any(_compared(cell) for (name, _), cell in cells.items() if name == row) or _is_base(row, cells))
    columns = tuple((chosen[i].workload, words.point(_telling(chosen[i], every[chosen[i].workload]))) for i in asked)
    return Matrix(rows, columns, {key: cell for key, cell in cells.items() if key[0] in rows})


def _compared(cell: Cell) -> bool:
    """Whether there is anything to see: a ratio, or that there should have been one."""
    return cell.verdict not in (data.BASELINE, data.SKIPPED)


def _is_base(row: str, cells: dict[tuple[str, int], Cell]) -> bool:
    """The baseline's own row stays: a column says what it is held against."""
    return any(name == row and cell.verdict == data.BASELINE for (name, _), cell in cells.items())


def _telling(point: points.Point, others: list[points.Point]) -> dict:
    """The parameters that tell a point from the workload's other points; all of them when none does."""
    telling = {key: value for key, value in point.parameters.items()
               if any(other.parameters.get(key) != value for other in others)}
    return telling or point.parameters


def split(matrix: Matrix) -> list[Matrix]:
    """Parts that are narrow enough to read, about equally wide; a workload's columns stay together."""
    names = [workload for workload, _ in matrix.columns]
    target = math.ceil(len(names) / max(1, math.ceil(len(names) / WIDEST)))
    starts = [0]
    for i, name in enumerate(names):
        wide = i - starts[-1]
        new = i > 0 and name != names[i - 1]
        if wide >= WIDEST or new and (wide >= target or wide + names.count(name) > WIDEST):
            starts.append(i)
    return [part for start, end in zip(starts, [*starts[1:], len(names)]) if (part := _part(matrix, start, end)).rows]


def _part(matrix: Matrix, start: int, end: int) -> Matrix:
    cells = {(row, i - start): cell for (row, i), cell in matrix.cells.items() if start <= i < end}
    return Matrix(tuple(row for row in matrix.rows if any(key[0] == row for key in cells)),
                  matrix.columns[start:end], cells)


def table(matrix: Matrix) -> tuple[tuple[str, ...], ...]:
    """The same numbers as text: nanoseconds first, then the ratio with interval and verdict."""
    def value(cell: Cell | None) -> str:
        if cell is None:
            return "·"
        if not cell.nanoseconds:
            return words.verdict(cell.verdict)
        nanoseconds = words.significant(cell.nanoseconds.value)
        return f"{nanoseconds} ns; {words.ratio(cell.ratio)} {words.verdict(cell.verdict)}"

    head = ("", *(": ".join(part for part in column if part) for column in matrix.columns))
    return (head, *((row, *(value(matrix.cells.get((row, i))) for i in range(len(matrix.columns))))
                    for row in matrix.rows))


def tally(matrix: Matrix, what: str) -> str:
    """The title of an overview; limit rows are not counted."""
    compared = [cell for cell in matrix.cells.values() if cell.verdict != data.BASELINE and not cell.limit]
    faster = sum(cell.verdict == data.FASTER for cell in compared)
    unsettled = sum(cell.verdict not in data.SETTLED for cell in compared)
    head = words.short(what, 110)
    if compared and unsettled == len(compared):
        return f"{head}: none of {words.count(unsettled, 'comparison')} is settled"
    return f"{head}: {faster} of {words.count(len(compared), 'comparison')} faster, {unsettled} not settled"


def reach(matrix: Matrix) -> str:
    """The title of a strategy x allocator matrix: whom the heap moves most, and whom least."""
    ranges = []
    for row in matrix.rows:
        ratios = [cell.ratio.value for (name, _), cell in matrix.cells.items() if name == row and cell.ratio
                  and not cell.limit and cell.verdict in (*data.SETTLED, data.BASELINE)]
        if len(ratios) > 2:
            ranges.append((max(ratios) / min(ratios), row, min(ratios), max(ratios)))
    if len(ranges) < 2:
        return ""
    (_, still, a, b), (_, moved, c, d) = min(ranges), max(ranges)
    return (f"The heap moves {words.short(moved, 40)} between {words.times(c)}× and {words.times(d)}×, "
            f"{words.short(still, 40)} only between {words.times(a)}× and {words.times(b)}×")
