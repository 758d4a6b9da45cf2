"""`poolmark test --system NAME`: both commands of the README in a fresh system of another release, from nothing.

    debootstrap ──► base (cached) ──copy──► scratch ──► clone of this checkout ──► run --preset smoke, then test
                                             │
                                             └─ mounts live in a namespace of their own: they go with its last process

Good for: whether the list of packages, the build and the tests hold where others are. Needs root, debootstrap and a mirror.
Bad for:  numbers. A smoke run claims nothing, and the kernel is this machine's.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suite.base import packages, releases
from suite.base.build import ROOT
from suite.base.errors import UserError

PAGE = ROOT / "docs/systems.md"
FOLDER = ROOT / "build/systems"
STEPS = {"run": "scripts/poolmark run --preset smoke", "test": "scripts/poolmark test"}
CHECKOUT = "root/poolmark"
SHOWN = ("g++", "clang", "cmake", "libc6", "libbenchmark-dev", "python3")
# What the commands are typed in: a login of root on a fresh system, with this machine's way to the mirror.
ENVIRONMENT = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=dumb")
INSIDE = """set -e
mount --bind "$1" "$1" # what is no mount cannot have private ones, as the tests in there need them
mount --bind "$2" "$1/var/cache/apt/archives"
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
exec chroot "$1" env -i "$@" """


@dataclass(frozen=True)
class Outcome:
    """What a command said at its end."""

    command: str
    code: int
    seconds: float
    said: str


def refuse() -> None:
    """Says what this needs, before anything is made."""
    if os.geteuid() != 0:
        raise UserError("a system of its own can only be made by root; run this command as root")
    for program in ("debootstrap", "unshare"):
        if not shutil.which(program):
            raise UserError(f"{program} is not there; install it with: {' '.join(packages.command([program]))}")
    if not releases.mirror():
        raise UserError("this machine's apt has no Debian packages to make a system of; run this on Debian")


def base(name: str, folder: Path) -> Path:
    """The release as it is installed, and nothing more. Made once."""
    made, part = folder / "base", folder / "part"
    if not made.exists():
        shutil.rmtree(part, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"making {name} in {made}", file=sys.stderr, flush=True)
        done = subprocess.run(["debootstrap", "--variant=minbase", releases.codename(name), str(part), releases.mirror()],
                              stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
        if done.returncode != 0:
            raise UserError(f"debootstrap could not make {name}; its output is above")
        part.rename(made)
    return made


def inside(root: Path, archives: Path, command: str, where: str = "/") -> list[str]:
    """The words that run a command in a system. Whatever ends it ends all that it started, and its mounts are gone."""
    script = INSIDE.replace('"$@"', f"{' '.join(ENVIRONMENT)} sh -c \"$3\"")
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "sh", "-c", script, "sh",
            str(root), str(archives), f"cd {where} && {command}"]


def _bring(root: Path) -> None:
    """This checkout, as a clone: what is not committed is not tested."""
    for file in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copy(file, f"{root}{file}")
    (root / "etc/dpkg/dpkg.cfg.d/unsafe-io").write_text("force-unsafe-io\n", encoding="utf-8")  # it does not outlive this command
    if subprocess.run(["git", "-C", ROOT, "status", "--porcelain"], capture_output=True, check=False).stdout:
        print("note: what is not committed is not tested", file=sys.stderr)
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(root / CHECKOUT)], check=True)


def _step(name: str, root: Path, archives: Path, log: Path) -> Outcome:
    started = time.monotonic()
    print(f"{STEPS[name]} (log: {log})", file=sys.stderr, flush=True)
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(inside(root, archives, STEPS[name], f"/{CHECKOUT}"), stdin=subprocess.DEVNULL, stdout=output,
                              stderr=subprocess.STDOUT, check=False)
    last = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()][-1:]
    said = " ".join(last)
    if name == "run":
        said = measured(next((root / CHECKOUT).glob("reports/local/latest/results.json"), None)) or said
    code = done.returncode or int(name == "run" and "could fill" in said)
    return Outcome(STEPS[name], code, time.monotonic() - started, said)


def measured(file: Path | None) -> str:
    """The rows of a run, and the heaps that it had."""
    if file is None:
        return ""
    results: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    skipped = [cell["reason"] for cell in results["cells"] if cell["verdict"] == "SKIPPED"]
    lacking = sorted({reason for reason in skipped if "not installed" in reason})
    heaps = ", ".join(f"{heap['name']} {re.sub('-[0-9]+-g[0-9a-f]+$', '', heap['version'])}" for heap in results["allocators"] if heap["version"])
    failed = sum(cell["verdict"] == "FAILED" for cell in results["cells"])
    return (f"{len(results['cells'])} cells, {failed} failed, {len(skipped)} skipped"
            + (f", of which a package could fill some ({'; '.join(lacking)})" if lacking else "") + f". Heaps: {heaps}")


def versions(answer: str) -> str:
    """`g++ 14.2.0, ...`, of what dpkg-query printed."""
    return ", ".join(re.sub(r" (?:\d+:)?([0-9.]+)\S*$", r" \1", line) for line in answer.splitlines() if line.strip())


def page(text: str, name: str, found: str, outcomes: Sequence[Outcome], when: str) -> str:
    """The page with what was found for one system; a command that was not run keeps its last line."""
    begin, end = f"<!-- generated: scripts/poolmark test --system {name} -->", f"<!-- end of {name} -->"
    old = re.search(rf"{re.escape(begin)}\n(.*?){re.escape(end)}", text, re.DOTALL)
    rows = {key: row for row, key in re.findall(r"^(\| `([^`]+)` .*)$", old[1] if old else "", re.MULTILINE)}
    for one in outcomes:
        state = "ok" if one.code == 0 else f"**exit code {one.code}**"
        rows[one.command] = f"| `{one.command}` | {state} | {when} | {one.seconds / 60:.0f} min | {one.said.replace('|', '/')} |"
    block = "\n".join([begin, f"## {name}", "", f"{found}.", "", "| command | outcome | on | took | said |",
                       "|---|---|---|---|---|", *rows.values(), "", end])
    return text.replace(old[0], block) if old else f"{text.rstrip()}\n\n{block}\n"


def command(name: str, only: str | None) -> int:
    """Makes the system, runs the commands in it, writes down what came of them, and takes the system away again."""
    releases.codename(name)
    refuse()
    folder = FOLDER / name
    made, archives = base(name, folder), folder / "archives"
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=folder) as scratch:
        root = Path(scratch) / "system"
        subprocess.run(["cp", "-a", str(made), str(root)], check=True)
        _bring(root)
        for step in [only] if only else STEPS:
            outcomes.append(_step(step, root, archives, folder / f"{step}.log"))
            print(f"{'ok' if outcomes[-1].code == 0 else 'FAILED':6}  {STEPS[step]}: {outcomes[-1].said}", flush=True)
        asked = subprocess.run(inside(root, archives, f"dpkg-query -W -f='${{Package}} ${{Version}}\\n' {' '.join(SHOWN)}"),
                               capture_output=True, text=True, check=False)
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), name, versions(asked.stdout), outcomes,
                             f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")
    return max(outcome.code != 0 for outcome in outcomes)
