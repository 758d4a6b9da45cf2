"""The options of the commands that have many. Nothing is imported for them: they are told before anything is installed."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from suite.plan.presets import DEFAULT, PRESETS


def _what(command: argparse.ArgumentParser) -> None:
    """What is measured, and how thoroughly."""
    command.add_argument("--preset", choices=tuple(PRESETS), help=f"how thorough (default: {DEFAULT})")
    command.add_argument("--workload", action="append", default=[], metavar="GLOB", help="only these workloads")
    command.add_argument("--strategy", action="append", default=[], metavar="GLOB", help="only these strategies")
    command.add_argument("--allocator", action="append", default=[], metavar="NAME,NAME=LIBRARY.so,...",
                         help="only these heaps; a heap of your own with its library")
    command.add_argument("--heap", action="append", default=[], metavar="STATE,STATE,...",
                         help="the heap before the workload begins: clean, aged, or littered=0.4 (the share that stays)")
    command.add_argument("--seed", type=seed, metavar="N", help="repeat the orders and layouts of another run")
    command.add_argument("--cell-seconds", type=seconds, metavar="S",
                         help="how long a contender may stay silent before it fails (default: 60)")


def fleet(command: argparse.ArgumentParser) -> None:
    """The parts of a campaign: to begin one, to see and merge it, and one share of it, which is what a scheduler runs."""
    parts = command.add_subparsers(dest="part", metavar="PART", required=True)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return parts.add_parser(name, help=text, description=text, allow_abbrev=False)
    submit, local = add("submit", "one array job of Slurm; returns at once"), add("local", "all shares here, one after another")
    for part in (submit, local):
        _what(part)
        part.add_argument("--mode", choices=("split", "replicate"), help="divide the plan (default), or all of it on each node")
        part.add_argument("--shares", type=at_least_one, metavar="N", help="tasks of the job (default: four a node; replicate: one a node)")
        part.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder of the campaign, on a file system that all nodes mount")
        part.add_argument("--resume", action="store_true", help="what is missing of the campaign in --out")
        part.add_argument("--nodes", type=at_least_one, metavar="N", help="how many nodes the campaign is meant for")
    local.add_argument("--prepare", action="store_true", help="make the folder and run nothing: its shares are run by other means")
    submit.add_argument("--partition", default="", metavar="NAME", help="of Slurm (default: its own default)")
    submit.add_argument("--time", type=at_least_one, metavar="MINUTES", help="limit of a task (default: by the plan's own estimate)")
    submit.add_argument("--no-exclusive", action="store_true", help="let tasks share nodes with other jobs")
    submit.add_argument("--dry-run", action="store_true", help="print the script and submit nothing")
    for name, text in (("status", "how far it is"), ("collect", "merge what is there, also before the end"), ("share", "run one share here")):
        part = add(name, text)
        part.add_argument("campaign", type=Path, metavar="CAMPAIGN", help="the folder of the campaign")
    part.add_argument("number", type=seed, metavar="N", help="which share, from 0")


def run(command: argparse.ArgumentParser) -> None:
    """What is measured, how thoroughly, and where it goes."""
    _what(command)
    command.add_argument("--own", action="append", default=[], type=Path, metavar="HEADER",
                         help="measure your own types, as examples/my_type.hpp registers one")
    command.add_argument("--trace", metavar="FILE", help="ask caches about your own trace too: one key a line, and its size")
    command.add_argument("--recording", metavar="FILE.ops", help="ask heaps about your own program too, as program replay recorded it")
    command.add_argument("--out", type=Path, metavar="DIR", help="where results go (default: reports/local/<time>-<host>)")
    command.add_argument("--resume", action="store_true", help="continue an interrupted run (default: the latest)")


def program(command: argparse.ArgumentParser) -> None:
    """Which program, how it is run, and which part of the work is wanted."""
    command.add_argument("part", choices=("heaps", "record", "sites", "try", "replay", "all"), nargs="?", default="all",
                         help="only this part; sites and try go on from a recording in --out")
    command.add_argument("--stdin", type=Path, metavar="FILE", help="what the program reads")
    command.add_argument("--before", metavar="CMD", help="a shell command that prepares each run")
    command.add_argument("--metric", metavar="REGEX", help="judge by a figure that the program prints; one group around the number, less is better")
    command.add_argument("--load", metavar="CMD", help="a shell command that loads the program, which is then stopped by SIGTERM")
    command.add_argument("--output", action="append", default=[], type=Path, metavar="FILE", help="a file that the program writes: it has to be the same each time")
    command.add_argument("--limit", type=seconds, default=60.0, metavar="S", help="how long one run may take (default: 60)")
    command.add_argument("--allocator", action="append", default=[], metavar="NAME|NAME=LIBRARY.so", help="only these heaps; one of your own with its library")
    command.add_argument("--seconds", type=seconds, default=90.0, metavar="S", help="how long heaps and try may measure, each (default: 90)")
    command.add_argument("--rounds", type=int, choices=range(7, 201), default=0, metavar="N", help="this many paired rounds instead, 7 to 200")
    command.add_argument("--frames", type=int, choices=range(1, 33), default=8, metavar="N", help="callers to record of each call (default: 8)")
    command.add_argument("--site", action="append", default=[], type=int, metavar="N", help="try only this site")
    command.add_argument("--route", choices=("pool", "arena"), help="try sites in this, whatever the advice is")
    command.add_argument("--seed", type=seed, default=1, metavar="N", help="of the orders")
    command.add_argument("--anonymous", action="store_true", help="keep arguments and paths out of what is written")
    command.add_argument("--keep", action="store_true", help="keep the recording after all is done")
    command.add_argument("--page", action="store_true", help="write the page after this part too")
    command.add_argument("--out", type=Path, metavar="DIR", help="where results go (default: reports/local/program)")
    command.usage = "%(prog)s [heaps|record|sites|try|replay] [options] -- PROGRAM ARGUMENTS"


def own_words(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """A command line of `program` before and behind its --, where the words of another program begin."""
    if list(words[:1]) != ["program"] or "--" not in words:
        return words, ()
    end = list(words).index("--")
    return words[:end], words[end + 1:]


def seed(text: str) -> int:
    """A whole number from 0."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"'{text}' is no seed; give a whole number from 0")
    return int(text)


def at_least_one(text: str) -> int:
    """A whole number from 1."""
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no such number; give a whole number from 1 to 999999999")
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


def share(text: str) -> float:
    """`12%` or `0.12`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text)
    value = float(found[1]) / (100 if found[2] else 1) if found else -1.0
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no share of the run time; give 12% or 0.12, at most 100%")
    return value


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
