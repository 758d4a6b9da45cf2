"""The options of the commands that have many. Nothing is imported for them: they are told before anything is installed."""

import argparse
from pathlib import Path

from suite.plan.presets import DEFAULT, PRESETS


def run(command: argparse.ArgumentParser) -> None:
    """What is measured, how thoroughly, and where it goes."""
    command.add_argument("--preset", choices=tuple(PRESETS), help=f"how thorough (default: {DEFAULT})")
    command.add_argument("--workload", action="append", default=[], metavar="GLOB", help="only these workloads")
    command.add_argument("--strategy", action="append", default=[], metavar="GLOB", help="only these strategies")
    command.add_argument("--allocator", action="append", default=[], metavar="NAME,NAME=LIBRARY.so,...",
                         help="only these heaps; a heap of your own with its library")
    command.add_argument("--own", action="append", default=[], type=Path, metavar="HEADER",
                         help="measure your own types, as examples/my_type.hpp registers one")
    command.add_argument("--trace", metavar="FILE", help="ask caches about your own trace too: one key a line, and its size")
    command.add_argument("--seed", type=seed, metavar="N", help="repeat the orders and layouts of another run")
    command.add_argument("--cell-seconds", type=seconds, metavar="S",
                         help="how long a contender may stay silent before it fails (default: 60)")
    command.add_argument("--out", type=Path, metavar="DIR", help="where results go (default: reports/local/<time>-<host>)")
    command.add_argument("--resume", action="store_true", help="continue an interrupted run (default: the latest)")


def seed(text: str) -> int:
    """A whole number from 0."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"'{text}' is no seed; give a whole number from 0")
    return int(text)


def seconds(text: str) -> float:
    """A time limit."""
    try:
        limit = float(text)
    except ValueError:
        limit = 0.0
    if not 0 < limit < 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' is no time limit; give seconds above 0")
    return limit


def claims(command: argparse.ArgumentParser) -> None:
    """The options of the command."""
    command.add_argument("results", type=Path, nargs="*", metavar="RESULTS.json",
                         help="runs of the C++ side (default: all, newest first)")
    command.add_argument("--python", action="append", default=[], metavar="PATH", help="measure this interpreter too")
    command.add_argument("--measured", type=Path, metavar="FILE",
                         help="take what CPython answered from this file, measure nothing")
    command.add_argument("--seeds", type=int, choices=range(1, 33), default=5, metavar="N",
                         help="hash seeds for each interpreter (default: 5)")
    command.add_argument("--objects", type=int, default=1_000_000, metavar="N",
                         help="objects for each footprint (default: 1000000)")
    command.add_argument("--out", type=Path, metavar="DIR", help="where the pages go (default: docs)")
