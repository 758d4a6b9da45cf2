"""`poolmark test`: every test there is, one line a step, and how many passed and failed as the last line."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from suite.base import build
from suite.base.errors import UserError

PRESETS = ("bench", "asan", "tsan", "plain")  # together they say all that dev does
PAGE_SIZES = ("aarch64", "aarch64-16k", "aarch64-64k")  # one build, three ways to run it
TAIL_LINES = 200
PASSED_CASES = re.compile(r"^\[(?: RUN      \] (.+)\n\[       OK \] \1|----------\]).*\n", re.MULTILINE)


@dataclass(frozen=True)
class Count:
    """Tests passed and failed."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.passed + other.passed, self.failed + other.failed)


def count_ctest(output: str) -> Count | None:
    """From `93% tests passed, 2 tests failed out of 30`; skipped tests count as neither failed nor missing."""
    found = re.findall(r"tests passed, (\d+) tests? failed out of (\d+)", output)
    if not found:
        return None
    failed, total = map(int, found[-1])
    return Count(total - failed, failed)


def count_cases(files: Path) -> Callable[[str], Count | None]:
    """Counts GoogleTest's cases one by one, of which a ctest case has many: their programs write a file each when they end."""
    def count(output: str) -> Count | None:
        counted = count_ctest(output)
        failed = set(re.findall(r"^\s+\d+ - (\S+) \(", output, re.MULTILINE))
        for file in files.glob("*.xml") if counted else ():
            try:
                root = ElementTree.parse(file).getroot()
            except ElementTree.ParseError:
                continue
            cases, wrong = int(root.get("tests", 0)), int(root.get("failures", 0))
            if file.stem not in failed:
                counted += Count(cases - 1)
            elif wrong:
                counted += Count(cases - wrong, wrong - 1)
            # else it ended badly after its last case, or another process wrote the file: one failure, and nothing passed
        return counted
    return count


def count_pytest(output: str) -> Count | None:
    """From the last line, `3 failed, 12 passed, 1 error in 1.0s`."""
    lines = [line for line in output.splitlines() if re.search(r"\b\d+ (passed|failed|errors?)\b.* in ", line)]
    if not lines:
        return None
    found = {word.rstrip("s"): int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?)", lines[-1])}
    return Count(found.get("passed", 0), found.get("failed", 0) + found.get("error", 0))


def step(name: str, command: list[str], count: Callable[[str], Count | None] | None = None) -> Count | None:
    """Runs a step and prints its line. A step that fails without a count is one failure; None is a clean build step."""
    started = time.monotonic()
    environment = os.environ | {"PYTHONPATH": str(build.ROOT / "scripts"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=build.ROOT, env=environment, stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    except OSError as failure:
        raise UserError(f"{command[0]} cannot be run ({failure.strerror}); install it with scripts/poolmark setup"
                        ) from None
    counted = count(done.stdout) if count else None
    if count and counted is None or done.returncode != 0 and not (counted and counted.failed):
        counted = (counted or Count()) + Count(failed=1)  # red without a count, or no test at all
    failed = counted.failed if counted else 0
    told = f", {counted.passed} passed, {counted.failed} failed" if counted else ""
    if failed and done.stdout.strip():
        print("\n".join(PASSED_CASES.sub("", done.stdout).splitlines()[-TAIL_LINES:]))
    print(f"{'FAILED' if failed else 'ok':6}  {name}: {time.monotonic() - started:.1f} s{told}", flush=True)
    return counted


def _build(preset: str) -> Count | None:
    """What is wrong with a preset that cannot be tested."""
    return (step(f"{preset} configure", ["cmake", "--preset", preset])
            or step(f"{preset} build", ["cmake", "--build", "--preset", preset]))


def _bench_build() -> Count | None:
    try:
        build.ensure(reconfigure=True, everything=True)  # one that `run` made may not have looked for GoogleTest
    except UserError as failure:
        print(f"FAILED  bench build: {failure}")
        return Count(failed=1)
    return _warnings() or step("bench tests build", ["cmake", "--build", "--preset", "bench-tests"])


def _ctest(preset: str, built: str = "") -> Count:
    cases = build.ROOT / "build" / (built or preset) / "cases"
    shutil.rmtree(cases, ignore_errors=True)  # of a program that dies now, an older file would tell
    return step(f"{preset} tests", ["ctest", "--preset", preset], count_cases(cases)) or Count()


def _warnings() -> Count | None:
    """A reader's compiler may warn of what ours does not, so a build to measure with goes on; ours must have said nothing."""
    said = [line for line in build.LOG.read_text(encoding="utf-8", errors="replace").splitlines()
            if "warning:" in line and "-Wmismatched-new-delete" not in line]
    if not said:
        return None
    print("\n".join(said[-TAIL_LINES:]) + "\nFAILED  bench build: the compiler warns")
    return Count(failed=1)


def _end(started: float, total: Count) -> int:
    print(f"{time.monotonic() - started:.0f} s in all")
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed else 0


def aarch64() -> int:
    """The library's tests for the other processor, by an emulator, with pages of three sizes."""
    started, total = time.monotonic(), _build("aarch64") or Count()
    if not total.failed:
        for preset in PAGE_SIZES:
            total += _ctest(preset, "aarch64")
    return _end(started, total)


def command() -> int:
    """The build that is measured and its tests, all presets, then the tests of the scripts, some of which run that build."""
    started, total, tested = time.monotonic(), Count(), []
    with ThreadPoolExecutor(1) as tests:  # beside the next build: each ends with one CPU idle
        for preset in PRESETS:
            failed = _bench_build() if preset == "bench" else _build(preset)
            if failed:
                total += failed
            else:
                tested.append(tests.submit(_ctest, preset))
        for each in tested:
            total += each.result()
    total += step("scripts tests", [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadscope",
                                    "-p", "no:cacheprovider", "tests/scripts"], count_pytest) or Count()
    return _end(started, total)
