"""The commands that read results instead of making them: their arguments, and what each hands over to."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from suite.base import packages
from suite.base.errors import UserError
from suite.cli import command_options
from suite.results import runs

RUN = "a folder of a run, or its results.json"
CLASSED = f"{RUN}; or the folder of a campaign"
EITHER = f"{CLASSED}; or of a program"
Command = Callable[[argparse.Namespace, Sequence[str]], int]


def arguments(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Their grammar."""
    doctor = add("doctor", "what of this machine would change a verdict, and what fixes it")
    doctor.add_argument("--json", action="store_true", help="for another program")
    compare = add("compare", "what changed between two runs on the same machine")
    compare.add_argument("old", type=Path, metavar="OLD", help=CLASSED)
    compare.add_argument("new", type=Path, metavar="NEW", help=CLASSED)
    compare.add_argument("--force", action="store_true", help="compare runs of different machines, builds or workloads")
    compare.add_argument("--markdown", action="store_true", help="a table for a pull request")
    replicate = add("replicate", "do several runs of one program on one machine say the same?")
    replicate.add_argument("runs", type=Path, nargs="+", metavar="RUN", help=CLASSED)
    replicate.add_argument("--markdown", action="store_true", help="as docs/methodology.md shows it")
    replicate.add_argument("--force", action="store_true", help="of other programs, machines or presets as well")
    cite = add("cite", "one cell as a line that carries its evidence, and as BibTeX")
    cite.add_argument("run", type=Path, metavar="RUN", help=EITHER)
    cite.add_argument("cell", metavar="CELL", help="its id, or a glob that matches one: 'pair/bytes=64/slab_pool@*'; of a program, a row: mimalloc, 'site 1'")
    advise = add("advise", "another heap, a pool, an arena or neither, for a program that spends a share of its time in allocation")
    advise.add_argument("run", type=Path, nargs="?", metavar="RUN", help=f"{RUN} (default: the latest)")
    advise.add_argument("--bytes", type=command_options.at_least_one, required=True, metavar="N", help="of one object")
    advise.add_argument("--live", type=command_options.at_least_one, required=True, metavar="N", help="how many live at the same time")
    advise.add_argument("--threads", type=command_options.at_least_one, default=1, metavar="N", help="that allocate at the same time (default: 1)")
    advise.add_argument("--share", type=command_options.share, metavar="12%%", help="of the time that allocation takes")
    advise.add_argument("--program", type=Path, metavar="DIR", help="take the share from what scripts/poolmark program measured there")
    advise.add_argument("--heap", default="clean", metavar="STATE", help="clean (default), aged, or littered=0.4")
    verify = add("verify", "compute each number of a run again from its rounds, and its pages from the numbers")
    verify.add_argument("run", type=Path, metavar="RUN", help=EITHER)
    verify.add_argument("--numbers", action="store_true", help="leave the pages out")
    splice = add("splice", "the README's table, methodology's promises and the index of runs, from the reference runs")
    splice.add_argument("--check", action="store_true", help="write nothing; fail where a page has drifted from its run")


def _doctor(options: argparse.Namespace) -> int:
    from suite.machine import doctor
    return doctor.command(options.json)


def _compare(options: argparse.Namespace) -> int:
    from suite import compare, fleet
    return _by_class(fleet.runs_of(options.old, options.new), lambda paths: compare.command(*paths, options.force, options.markdown))


def _replicate(options: argparse.Namespace) -> int:
    from suite import fleet
    from suite.compare import replicate
    return _by_class(fleet.runs_of(*options.runs), lambda paths: replicate.command(paths, options.markdown, options.force))


def _cite(options: argparse.Namespace) -> int:
    from suite import fleet
    from suite.cli import cite
    from suite.program import evidence
    if evidence.has(options.run):
        return evidence.cite(options.run, options.cell)
    return _by_class(fleet.runs_of(options.run), lambda paths: cite.command(*paths, options.cell))


def _advise(options: argparse.Namespace) -> int:
    from suite.cli import advise
    from suite.cli.run import LATEST
    return advise.command(options, LATEST)


def _verify(options: argparse.Namespace) -> int:
    from suite import fleet, verify
    from suite.claims import section
    from suite.program import evidence
    if evidence.has(options.run):
        return evidence.verify(options.run, not options.numbers)
    if fleet.shares.has(options.run):
        return fleet.verify_campaign(options.run, not options.numbers)
    return verify.command(options.run, not options.numbers, section.beside)


def _by_class(classes: Sequence[tuple[str, list[Path]]], command: Callable[[list[Path]], int]) -> int:
    """The same command for each machine class of a campaign; what only some of them refuse is a note."""
    codes, refused = [], []
    for name, paths in classes:
        print(f"{name}:" if name else "", end="\n" * bool(name), flush=True)
        try:
            codes.append(command(paths))
        except UserError as failure:
            refused.append(failure)
            print(f"  {failure}" if name else "", end="\n" * bool(name), flush=True)
    if not codes:
        raise refused[0]
    return max(codes)


def _splice(options: argparse.Namespace) -> int:
    from suite import history
    return history.command(options.check)


@contextmanager
def to_the_end() -> Iterator[None]:
    """Numbers and names that no run has are the file's fault, wherever they are met."""
    try:
        yield
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as failure:
        raise UserError(f"the results cannot be read to the end ({type(failure).__name__}: {runs.plain(failure)}); their numbers "
                        "or names are not those of a run, restore the file") from failure


def _with_packages(command: Callable[[argparse.Namespace], int]) -> Command:
    """What reads results needs the packages that draw them."""
    def run(options: argparse.Namespace, words: Sequence[str]) -> int:
        packages.ensure(["report"])
        packages.restart_on_system_python(words)
        with to_the_end():
            return command(options)
    return run


# The doctor needs nothing but Python: it is asked where nothing works yet.
COMMANDS: dict[str, Command] = {
    "doctor": lambda options, _words: _doctor(options),
    **{name: _with_packages(command) for name, command in (
        ("compare", _compare), ("replicate", _replicate), ("cite", _cite), ("advise", _advise), ("verify", _verify), ("splice", _splice))}}
