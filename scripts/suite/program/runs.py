"""One process: what it took, and whether it did what the others did. The times are `poolmark-program launch`'s."""

import hashlib
import json
import os
import random
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from suite.base.errors import UserError
from suite.program.target import Program
from suite.program.tools import Tools

OWN = ("LD_PRELOAD", "POOLMARK_PADDING", "POOLMARK_WINDOW", "POOLMARK_RECORD", "POOLMARK_ROUTES")
PADDING = 4095  # bytes of environment: where the stack begins is luck


@dataclass(frozen=True)
class Side:
    """One way to run the program: what is preloaded, and what the preload is told."""

    name: str
    libraries: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    serves: str = ""  # the library that has to serve malloc; empty for the program's own
    window: bool = True


@dataclass(frozen=True)
class Ran:
    """What one process took. Seconds; `startup` is the CPU time until the program began."""

    code: int
    wall: float
    user: float
    system: float
    startup: float
    rss_kb: int
    faults: int
    output: str
    served: str
    figure: float | None = None

    @property
    def cpu(self) -> float:
        return self.user + self.system

    @property
    def work(self) -> float:
        """CPU time of the program itself: loading the heap is left out."""
        return max(self.cpu - self.startup, 1e-6)


def once(tools: Tools, program: Program, side: Side, chance: random.Random, inherited: Mapping[str, str] = os.environ) -> Ran:
    """Runs it once, in a folder of its own for what it prints."""
    if program.before:
        done = subprocess.run(["/bin/sh", "-c", program.before], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise UserError(f"--before failed with exit code {done.returncode}: {done.stderr.strip()[-200:]}")
    with tempfile.TemporaryDirectory(prefix="poolmark-") as place:
        here = Path(place)
        variables = {name: value for name, value in inherited.items() if name not in OWN}
        variables |= dict(side.variables) | {"POOLMARK_PADDING": "x" * chance.randint(0, PADDING)}
        libraries = list(side.libraries)
        if side.window:
            libraries.insert(0, str(tools.preload("window")))
            variables["POOLMARK_WINDOW"] = str(here / "window")
        words = [str(tools.program), "launch", "--limit", str(program.limit), "--stdout", str(here / "out"), "--stderr", str(here / "err"),
                 "--preload", ":".join(libraries)]
        words += ["--stdin", str(program.stdin)] if program.stdin else []
        words += ["--load", program.load] if program.load else []
        return _read(json.loads(_answer([*words, "--", *program.words], variables, program)), program, side, here)


def _answer(words: list[str], variables: Mapping[str, str], program: Program) -> str:
    """What launch says. Told to end, it ends the program as well; killed, it could not."""
    with subprocess.Popen(words, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            said, complaint = process.communicate()
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise UserError(f"{program.name} could not be started: {complaint.strip()}")
    return said


def _read(said: dict, program: Program, side: Side, here: Path) -> Ran:
    out, err = ((here / name).read_bytes() if (here / name).exists() else b"" for name in ("out", "err"))
    if said["late"]:
        raise UserError(f"{program.name} ({side.name}) had not ended after {program.limit:g} seconds; give --limit SECONDS, or --load CMD for a server")
    if said["load_code"] != 0:
        raise UserError(f"--load failed with exit code {said['load_code']}; it has to wait until the program answers")
    figure = None
    if program.metric:
        found = re.search(program.metric, (out + b"\n" + err).decode("utf-8", "replace"))
        try:
            figure = float(found[1]) if found else None
        except ValueError:
            figure = None
        if figure is None or figure <= 0:
            raise UserError(f"--metric finds no number above 0 in what {program.name} prints")
        out = re.sub(program.metric.encode(), b"", out)
    digest = hashlib.sha256(out)
    for file in program.outputs:
        digest.update(file.read_bytes() if file.is_file() else b"none")
    windows = list(here.glob(f"window.{said['pid']}")) or list(here.glob("window.*"))
    startup, served = 0.0, ""
    if windows:
        text = windows[0].read_text(encoding="utf-8", errors="replace").splitlines()
        startup, served = int(text[0]) / 1e9, text[1]
    return Ran(said["code"], said["wall"], said["user"], said["system"], startup, said["rss_kb"], said["faults"], digest.hexdigest(), served, figure)
