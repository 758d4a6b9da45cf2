"""The command line: parses, hands over, and turns every error that is the reader's into one line and exit code 2."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from suite.base import packages, streams
from suite.base.errors import Interrupted, UserError, ended_in_order
from suite.cli import command_options, read_commands

PROGRAM = "scripts/poolmark"
KINDS = ("workloads", "strategies", "allocators")


class Parser(argparse.ArgumentParser):
    """argparse, but an error is one line that names the fix."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help")

    def print_help(self, file: Any = None) -> None:
        """As argparse does, but a stream that cannot be written is an error."""
        (file or sys.stdout).write(self.format_help())


def parser() -> Parser:
    """The grammar of the command."""
    top = Parser(prog=PROGRAM, allow_abbrev=False,
                 description="Should these objects be reused, and how? Measures it on this machine.")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    command_options.run(add("run", "measure, and make the pages"))
    report = add("report", "make the pages again from a results file")
    report.add_argument("results", type=Path, metavar="RUN", help="the folder of a run, or its results.json")
    report.add_argument("--out", type=Path, metavar="DIR", help="where the pages go (default: beside the file)")
    read_commands.arguments(add)
    explain = add("explain", "count instructions of a run's cells, and put them beside the times")
    explain.add_argument("results", type=Path, metavar="RESULTS.json|DIR")
    explain.add_argument("--workload", action="append", default=[], metavar="GLOB", help="only these workloads")
    listing = add("list", "what there is to measure")
    listing.add_argument("kind", nargs="?", choices=KINDS, help="only these")
    listing.add_argument("--all", action="store_true", help="of the program with everything, built if it is not there")
    command_options.claims(add("claims", "hold what the articles say against CPython and against runs"))
    command_options.program(add("program", "your own program: which heap, which call sites, and pools at them, tried without changing it"))
    command_options.fleet(add("fleet", "one plan on many machines: on Slurm, or here; an answer for each kind of machine"))
    validating = add("validate", "hold the protocol against simulated and planted truth (30 minutes)")
    validating.add_argument("part", nargs="*", choices=("coverage", "ways", "compare", "nodes", "false-alarms", "power"), help="only these")
    validating.add_argument("--seed", type=command_options.seed, default=1, metavar="N")
    add("setup", "install what is missing and build")
    testing = add("test", "build and run every test")
    testing.add_argument("--system", metavar="NAME", help="in a fresh system instead: both commands of the README, in debian12 or debian13")
    testing.add_argument("--aarch64", action="store_true", help="the library's tests for aarch64 instead, by qemu-user, with pages of 4, 16 and 64 KiB")
    testing.add_argument("--only", choices=("run", "test"), help="with --system: one of the two commands")
    return top


def _measure(options: argparse.Namespace, words: Sequence[str]) -> int:
    from suite.cli import run
    return run.command(options, " ".join([PROGRAM, *map(shlex.quote, words)]))


def _report(options: argparse.Namespace, words: Sequence[str]) -> int:
    packages.ensure(["report"])
    packages.restart_on_system_python(words)
    from suite.base import folder
    from suite.results import results_file, runs
    file = runs.file_of(options.results)
    loaded = results_file.load(file)
    out = options.out or file.parent
    folder.check_writable(out)
    from suite import report
    from suite.claims import section
    try:
        report.write(loaded, out, section.beside(file.parent, loaded))
    except (ArithmeticError, LookupError, ValueError, RecursionError) as failure:
        raise UserError(f"{options.results} cannot be drawn ({type(failure).__name__}: {failure}); its numbers or "
                        "names are not those of a run, restore the file") from failure
    print(out / "report.html")
    return 0


def _explain(options: argparse.Namespace, words: Sequence[str]) -> int:
    from suite.cli import explain
    return explain.command(options, words)


def _claims(options: argparse.Namespace, words: Sequence[str]) -> int:
    packages.ensure(["report", "peers"])
    packages.restart_on_system_python(words)
    from suite import claims
    with read_commands.to_the_end():
        return claims.command(options)


def _program(options: argparse.Namespace, words: Sequence[str]) -> int:
    packages.ensure(["build", "heaps", "report"])
    packages.restart_on_system_python(words)
    from suite import program
    return program.command(options, command_options.own_words(words)[1])


def _fleet(options: argparse.Namespace, words: Sequence[str]) -> int:
    measures = options.part in ("submit", "local") and not options.resume
    installed = packages.ensure(packages.TO_MEASURE if measures else ["report"])
    packages.restart_on_system_python(words)
    from suite import fleet
    with read_commands.to_the_end():
        return fleet.command(options, " ".join([PROGRAM, *map(shlex.quote, words)]), installed)


def _list(options: argparse.Namespace, words: Sequence[str]) -> int:
    installed = packages.ensure(packages.TO_MEASURE)
    packages.restart_on_system_python(words)
    from suite.base import build
    from suite.cli import list_tables
    from suite.plan import describe
    everything = options.all or build.EVERYTHING.exists()
    list_tables.show(describe.ask(build.ensure(installed, everything)), [options.kind] if options.kind else KINDS)
    if not everything:
        streams.complain("this is what quick asks; scripts/poolmark list --all builds the program with every workload and pool")
    return 0


def _validate(options: argparse.Namespace, words: Sequence[str]) -> int:
    packages.ensure(packages.TO_MEASURE)
    packages.restart_on_system_python(words)
    from suite import validate
    return validate.command(options)


def _setup(_options: argparse.Namespace, words: Sequence[str]) -> int:
    installed = packages.ensure((*packages.TO_MEASURE, "test"), retry=True)
    packages.restart_on_system_python(words)
    from suite.base import build
    print(f"ready: {build.ensure(installed)}")
    return 0


def _test(options: argparse.Namespace, words: Sequence[str]) -> int:
    if options.only and not options.system:
        raise UserError("--only goes with --system NAME")
    if options.aarch64 and options.system:
        raise UserError("--aarch64 and --system NAME are two things; ask for one of them")
    if options.system is not None:
        from suite.cli import whole_system
        return whole_system.command(options.system, options.only)
    packages.ensure(("build", "test", packages.ON_REQUEST) if options.aarch64 else (*packages.TO_MEASURE, "test"))
    packages.restart_on_system_python(words)
    from suite.cli import testing
    return testing.aarch64() if options.aarch64 else testing.command()


COMMANDS = {"run": _measure, "report": _report, "explain": _explain, "claims": _claims, "list": _list,
            "program": _program, "fleet": _fleet,
            "validate": _validate, "setup": _setup, "test": _test} | read_commands.COMMANDS


def main(words: Sequence[str]) -> int:
    """Runs a command line and returns its exit code."""
    streams.prepare()
    try:
        with ended_in_order():
            code = _run(words)
        streams.flush()
        return code
    except UserError as error:
        return _refuse(str(error))
    except BrokenPipeError:  # `poolmark list | head` is no error; a run that is cut off by one has not ended well
        streams.discard(sys.stdout)
        return 0 if words[:1] == ["list"] else 2
    except OSError as failure:
        where = f" ({failure.filename})" if failure.filename else ""
        return _refuse(f"{failure.strerror or failure}{where}; see that it is there, may be used, and has room")
    except (KeyboardInterrupt, Interrupted):
        streams.complain("interrupted")
        return 130


def _run(words: Sequence[str]) -> int:
    try:
        options = parser().parse_args(command_options.own_words(words)[0])
    except SystemExit as ended:  # --help
        return int(ended.code or 0)
    except BrokenPipeError:  # `--help | head`
        streams.discard(sys.stdout)
        return 0
    return COMMANDS[options.command](options, words)


def _refuse(text: str) -> int:
    try:
        streams.flush()
    except UserError:  # this line is the one that counts
        pass
    streams.complain(text)
    return 2
